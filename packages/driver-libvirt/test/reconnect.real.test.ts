import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instance } from '@virtkit/core';
import { isComputeError, type DriverEvent } from '@virtkit/core/driver';
import { testEnvironment } from '@virtkit/driver-testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BootSectorHost } from './support/boot-sector-host.js';
import { admin, ended, realCompute, tenant, type RealCompute } from './support/real-compute.js';

/** What the manager is told next that fits. */
function next<Value>(
  { compute }: RealCompute,
  name: 'driver.event' | 'instance.changed',
  fits: (value: Value) => boolean,
): Promise<Value> {
  const { promise, resolve } = Promise.withResolvers<Value>();
  const stop = compute.events.on(name, (value: unknown) => {
    if (!fits(value as Value)) return;
    stop();
    resolve(value as Value);
  });
  return promise;
}

describe('a libvirtd that is killed and started again', () => {
  let beds: BootSectorHost;

  beforeAll(async () => {
    beds = await BootSectorHost.start();
  });

  afterAll(async () => {
    await beds[Symbol.asyncDispose]();
  });

  const qemuOf = async (uuid: string): Promise<number> => {
    const name = await beds.host.virsh('domname', uuid);
    return Number(await readFile(join(beds.host.directory, 'run/qemu', `${name}.pid`), 'utf8'));
  };

  it.each(['suspend', 'hard reboot', 'destroy'] as const)(
    'leaves a %s in flight unknown or unsent, and later calls work without initHost',
    async (kind) => {
      const environment = testEnvironment();
      const driver = await beds.driver({}, environment);
      const instance = beds.instance();
      await driver.spawn({ instance });
      const calls = {
        suspend: () => driver.suspend({ instance }),
        'hard reboot': () => driver.reboot({ instance, type: 'HARD' }),
        destroy: () => driver.destroy({ instance }),
      } as const;

      const inFlight = calls[kind]().then(
        () => 'done',
        (failure: unknown) => (isComputeError(failure) ? failure.code : failure),
      );
      await beds.host.daemon.kill('SIGKILL');
      expect(['OUTCOME_UNKNOWN', 'HYPERVISOR_UNAVAILABLE', 'done']).toContain(await inFlight);
      await environment.untilEvent('unavailable');
      await expect(driver.getInfo({ instance })).rejects.toMatchObject({ code: 'HYPERVISOR_UNAVAILABLE' });

      await beds.host.daemon.start();
      await environment.untilEvent('available');
      const { guest } = await driver.inspect({ instanceUuid: instance.uuid });
      if (guest === 'present') {
        await driver.reboot({ instance, type: 'HARD' });
        expect(await driver.getInfo({ instance })).toEqual({ powerState: 'RUNNING' });
      }
      await driver.destroy({ instance });
      const told = environment.events.map(({ type }) => type).filter((type) => type !== 'lifecycle');
      expect(told).toEqual(['unavailable', 'available']);
    },
  );

  it('is told by the health of the host, and its guests are compared with their records at once', async () => {
    await using real = await realCompute(beds.host.configuration());
    const uuid = randomUUID();
    const { flavor, image, networkInterfaces } = beds.instance();
    const build = real.compute.api.create(tenant, {
      uuid,
      name: 'web-1',
      flavor,
      image,
      networkInterfaces: [...networkInterfaces],
    });
    expect(await ended(build)).toMatchObject({ state: 'succeeded' });

    const qemuPid = await qemuOf(uuid);

    const gone = next<DriverEvent>(real, 'driver.event', ({ type }) => type === 'unavailable');
    await beds.host.daemon.kill('SIGKILL');
    await gone;
    expect((await real.compute.operator.health(admin)).hypervisor).toMatchObject({ state: 'unavailable' });

    // It dies while nobody is there to tell of it.
    process.kill(qemuPid, 'SIGKILL');
    const noticed = next<Instance>(real, 'instance.changed', ({ powerState }) => powerState !== 'RUNNING');
    await beds.host.daemon.start();
    expect(await noticed).toMatchObject({ uuid, vmState: 'stopped' });
    expect((await real.compute.operator.health(admin)).hypervisor).toMatchObject({ state: 'available' });

    expect(await ended(real.compute.api.start(tenant, uuid))).toMatchObject({ state: 'succeeded' });
    const stopped = next<DriverEvent>(
      real,
      'driver.event',
      (event) => event.type === 'lifecycle' && event.transition === 'stopped',
    );
    await beds.host.virsh('destroy', uuid);
    expect(await stopped).toMatchObject({ instanceUuid: uuid });
    expect(await ended(real.compute.api.delete(tenant, uuid))).toMatchObject({ state: 'succeeded' });
  });
});
