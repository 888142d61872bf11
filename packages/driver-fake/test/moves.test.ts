import { describe, expect, it } from 'vitest';
import { isComputeError, type InstanceSpec } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { FakeDatacenter, FakeDriver, hypervisorSteps, VirtualClock } from '../src/index.js';
import { instanceSpec } from './instance-spec.js';

/** Two hosts with a guest on the first whose live migration takes a second and a half. */
async function twoHosts() {
  const clock = new VirtualClock();
  const datacenter = new FakeDatacenter({ clock, storage: 'shared', bandwidthMibPerS: 512 / 1.5 });
  const driverOn = async (host: string): Promise<FakeDriver> => {
    const driver = new FakeDriver({ hypervisor: datacenter.addHost(host) }, testEnvironment({ clock, host }));
    await driver.initHost({});
    return driver;
  };
  const source = await driverOn('alpha');
  const destination = await driverOn('beta');
  const instance = instanceSpec();
  await source.spawn({ instance });
  return { clock, datacenter, source, destination, instance };
}

type TwoHosts = Awaited<ReturnType<typeof twoHosts>>;

async function readyData({ source, destination, instance }: TwoHosts) {
  const request = { sourceHost: 'alpha', disks: 'shared' } as const;
  const checked = await destination.checkCanLiveMigrateDestination({ instance, ...request });
  const data = await source.checkCanLiveMigrateSource({ instance, data: checked });
  await destination.cleanupLiveMigrationDestinationCheck({ instance, data });
  const ready = await destination.preLiveMigration({ instance, data });
  return ready;
}

const settled = (call: Promise<unknown>) =>
  call.then(
    () => 'resolved',
    (failure: unknown) => failure,
  );

async function steps(): Promise<readonly { readonly at: (typeof hypervisorSteps)[number]; readonly nth: number }[]> {
  const hosts = await twoHosts();
  const data = await readyData(hosts);
  const { journal } = hosts.datacenter.host('alpha');
  journal.clear();
  const moving = hosts.source.liveMigration({ instance: hosts.instance, data });
  await hosts.clock.advance(5_000);
  await moving;
  return journal
    .points()
    .flatMap(({ at, nth }) => hypervisorSteps.filter((step) => step === at).map((step) => ({ at: step, nth })));
}

const lifeOn = ({ datacenter }: TwoHosts, { uuid }: InstanceSpec) =>
  datacenter.hostsRunning(uuid).map((name) => datacenter.host(name).look(uuid).guest?.life);

describe('a live migration leaves the guest running in its life on exactly one host', async () => {
  for (const { at, nth } of await steps()) {
    for (const fault of [
      { type: 'throw', error: new Error('no') },
      { type: 'throw', error: new Error('no'), when: 'after' },
      { type: 'lose-answer' },
      { type: 'die', die: () => {} },
      { type: 'die', die: () => {}, when: 'after' },
    ] as const) {
      it(`${at} ${nth}: ${fault.type} ${'when' in fault ? fault.when : ''}`, async () => {
        const hosts = await twoHosts();
        const { clock, datacenter, source, destination, instance } = hosts;
        const data = await readyData(hosts);
        const planned = datacenter.host('alpha').faults.add({ at, nth, fault });
        const outcome = settled(source.liveMigration({ instance, data }));
        await clock.advance(10_000);
        expect(planned.strikes).toBe(1);
        expect(lifeOn(hosts, instance)).toEqual([1]);
        expect((await destination.inspect({ instanceUuid: instance.uuid })).guest).toBe(
          datacenter.hostsRunning(instance.uuid).includes('beta') ? 'present' : 'absent',
        );
        if (fault.type === 'die') return;
        const failure = await outcome;
        expect(failure).toSatisfy(isComputeError);
        if (datacenter.hostsRunning(instance.uuid).includes('beta')) {
          expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN' });
        }
      });
    }
  }
});
