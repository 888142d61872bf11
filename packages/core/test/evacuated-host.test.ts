import { afterAll, describe, expect, it } from 'vitest';
import { driverFaults } from './support/driver-faults.js';
import { furtherStoryOf } from './support/further-move-stories.js';
import { beginMove, driverPoints, endMove, preparedMove, type MoveScene, type Storage } from './support/move-case.js';
import { brokenPlaces } from './support/move-promises.js';
import { claimCount } from './support/promises.js';
import { swept } from './support/sweep.js';
import { Tally } from './support/tally.js';
import { ownerContext } from './support/running-instance.js';
import { instanceUuid, type TwoHosts } from './support/two-hosts.js';

/** A host comes back whose instance was evacuated meanwhile. */
const tally = new Tally('returns of evacuated hosts');
const evacuation = furtherStoryOf('evacuation');

async function evacuated(storage: Storage): Promise<MoveScene> {
  const scene = await preparedMove(evacuation, storage);
  const action = await endMove(evacuation, scene, await beginMove(evacuation, scene));
  expect(action).toMatchObject({ state: 'succeeded' });
  scene.hosts.datacenter.host('alpha').switchOn();
  return scene;
}

async function problemsOf({ hosts }: MoveScene): Promise<readonly string[]> {
  const [action] = await hosts.store.listActions(instanceUuid);
  if (!action) return ['there is no record of the evacuation'];
  return await brokenPlaces({ hosts, leader: 'beta', dead: undefined, action, failed: 'for a moment' });
}

async function withReturned(scene: MoveScene): Promise<MoveScene> {
  const { hosts } = scene;
  const returned: TwoHosts = { ...hosts, alpha: await hosts.restarted('alpha') };
  return { ...scene, hosts: returned };
}

describe.each(['own', 'shared'] as const)('a host that comes back after an evacuation, with %s storage', (storage) => {
  it('is refused while it does not know, and changes nothing', async () => {
    const { hosts } = await evacuated(storage);
    const stale = hosts.alpha;
    const before = hosts.leftOn('beta');

    // Its process was never stopped. It hears with its lease that the host is not its own any more.
    await hosts.clock.advance(60_000);
    const asked = stale.compute.api.reboot(ownerContext(), instanceUuid, 'HARD');

    await expect(stale.settled(asked)).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
    expect(hosts.datacenter.hostsRunning(instanceUuid)).toEqual(['beta']);
    expect(hosts.leftOn('beta')).toEqual(before);
    await hosts[Symbol.asyncDispose]();
  });

  it('removes its copy whatever fails of that, at once or at its next start', async () => {
    const clean = await withReturned(await evacuated(storage));
    expect(await problemsOf(clean)).toEqual([]);
    const points = driverPoints(clean).filter(({ host, at }) => host === 'alpha' && at !== 'initHost');
    await clean.hosts[Symbol.asyncDispose]();

    const broken: string[] = [];
    for (const { at, nth } of swept(points, storage === 'own' ? 1 : 4)) {
      for (const { name, fault } of driverFaults) {
        const scene = await evacuated(storage);
        const { faults } = scene.hosts.datacenter.host('alpha');
        faults.add({ at, nth, fault: fault() });
        const failed = await withReturned(scene).catch((failure: unknown) => failure as Error);
        const runsOn = scene.hosts.datacenter.hostsRunning(instanceUuid);
        faults.clear();
        const next = failed instanceof Error ? scene : failed;
        await scene.hosts.alpha.settled(next.hosts.alpha.compute.close());
        const problems = [
          ...(runsOn.join() === 'beta' ? [] : [`the guest runs on ${runsOn.join(' and ')} meanwhile`]),
          ...(await problemsOf(await withReturned(scene))),
        ];
        await scene.hosts[Symbol.asyncDispose]();
        broken.push(...tally.count(problems).map((problem) => `${name} at ${at} ${nth}: ${problem}`));
      }
    }
    tally.operations += 1;
    expect(broken).toEqual([]);
  });
});

afterAll(() => tally.print(claimCount()));
