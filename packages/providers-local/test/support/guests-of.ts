import type { DriverDefinition, InstanceSpec } from '@virtkit/core/driver';
import { systemClock } from '@virtkit/core/driver';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { testEnvironment } from '@virtkit/driver-testkit';
import { openSqliteStore } from '@virtkit/store-sql';
import type { TemporaryDirectory } from './temporary-directory.js';

/**
 * A simulator with the guests of some instances on record, as the first release has made them: without a generation. That release kept its
 * simulator in memory alone, so that the guests are made here.
 */
export async function guestsOf(
  directory: TemporaryDirectory,
  instanceUuids: readonly string[],
): Promise<FakeHypervisor> {
  const hypervisor = new FakeHypervisor({ clock: systemClock, hypervisorHostname: 'host-1' });
  const store = await openSqliteStore({ path: directory.at('records.sqlite') });
  const driver = (fakeDriver as DriverDefinition).create({ hypervisor }, testEnvironment({ host: 'host-1' }));
  await driver.initHost({});
  for (const uuid of instanceUuids) {
    const record = await store.getInstance(uuid);
    const { name, projectId, userId, flavor, image, networkInterfaces, metadata } = record;
    // One that is being attached has not reached the guest: nothing is known of it yet but its volume.
    const blockDevices = record.blockDevices.flatMap(({ source, ...device }) =>
      source ? [{ source, ...device }] : [],
    );
    const spec: InstanceSpec = {
      uuid,
      name,
      projectId,
      userId,
      flavor,
      image,
      networkInterfaces,
      blockDevices,
      metadata,
    };
    await driver.spawn({ instance: spec });
  }
  await driver.cleanupHost({});
  await store.close();
  return hypervisor;
}
