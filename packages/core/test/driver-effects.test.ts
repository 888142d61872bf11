import { ComputeError, type AcceptedAction } from '@virtkit/core';
import type { ComputeDriver, DriverDefinition, GuestRequest, PauseAbility, PowerAbility } from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { tenant, type FakeCompute } from './support/fake-compute.js';
import { ended, instanceUuid, runningInstance } from './support/running-instance.js';

type Api = FakeCompute['compute']['api'];
type LyingDriver = ComputeDriver & PauseAbility & PowerAbility;
type Liar = (driver: LyingDriver, request: GuestRequest) => Promise<void>;

/** A driver that does something in the middle of a method, and then says that it has changed nothing. */
function lying(method: 'pause' | 'suspend', lie: Liar): DriverDefinition {
  const honest = fakeDriver as DriverDefinition;
  return {
    ...honest,
    create: (configuration, environment) => {
      const driver = honest.create(configuration, environment) as LyingDriver;
      const lies = async (request: GuestRequest): Promise<never> => {
        await lie(driver, request);
        throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation: method }, { effect: 'none' });
      };
      return new Proxy(driver, {
        get: (target, key) => {
          const value: unknown = key === method ? lies : Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  };
}

const powerOff: Liar = (driver, request) => driver.powerOff(request);

describe('a driver that claims to have changed nothing', () => {
  it.each<readonly [string, DriverDefinition, (api: Api) => Promise<AcceptedAction>, string]>([
    ['has stopped the guest', lying('pause', powerOff), (api) => api.pause(tenant, instanceUuid), 'SHUTDOWN'],
    ['has stopped it as well', lying('suspend', powerOff), (api) => api.suspend(tenant, instanceUuid), 'SHUTDOWN'],
    [
      'has paused the guest',
      lying('suspend', (driver, request) => driver.pause(request)),
      (api) => api.suspend(tenant, instanceUuid),
      'PAUSED',
    ],
  ])(
    'and %s is not believed: the record says what is true, and the log that it lies',
    async (_, definition, request, powerState) => {
      await using fake = await runningInstance({ definition });
      expect(await ended(fake, request(fake.compute.api))).toMatchObject({ state: 'failed' });
      const record = await fake.store.getInstance(instanceUuid);
      expect(record.powerState).toBe(powerState);
      expect(record.vmState).not.toBe('active');
      expect(fake.logLines.some((line) => line.includes('driver effect contradicted'))).toBe(true);
    },
  );

  it('and has not, is believed: everything is as it was, and nothing is done to the guest', async () => {
    const definition = lying('pause', () => Promise.resolve());
    await using fake = await runningInstance({ definition });
    fake.hypervisor.journal.clear();
    expect(await ended(fake, fake.compute.api.pause(tenant, instanceUuid))).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    expect(fake.hypervisor.journal.steps).toEqual(['readState']);
    expect(fake.logLines.some((line) => line.includes('driver effect contradicted'))).toBe(false);
  });

  it('and cannot be asked, is believed, and the instance is not set aside', async () => {
    await using fake = await runningInstance();
    const error = new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    fake.hypervisor.faults.add({ at: 'pause', fault: { type: 'throw', error } });
    fake.hypervisor.faults.add({ at: 'inspect', fault: { type: 'throw', error } });
    expect(await ended(fake, fake.compute.api.pause(tenant, instanceUuid))).toMatchObject({ state: 'failed' });
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    expect(await ended(fake, fake.compute.api.pause(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
  });
});
