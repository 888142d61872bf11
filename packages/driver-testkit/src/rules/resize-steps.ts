import assert from 'node:assert/strict';
import type {
  ComputeDriver,
  FinishMigrationRequest,
  InstanceSpec,
  MigratedDisks,
  MoveDestination,
} from '@virtkit/core/driver';
import type { OtherHost, TestBench } from '../suite/test-bench.js';

/** The instance as it is to be at the destination: with twice the memory, and a root disk that is 1 GiB larger. */
export function larger(instance: InstanceSpec): InstanceSpec {
  const { flavor } = instance;
  return {
    ...instance,
    flavor: { ...flavor, name: 'larger', memoryMib: flavor.memoryMib * 2, rootDiskGib: flavor.rootDiskGib + 1 },
  };
}

export function destinationOf(other: OtherHost, { flavor }: InstanceSpec): MoveDestination {
  return { host: other.environment.host, address: other.address, flavor };
}

/** This host, for a resize in place. */
export function sameHost(bench: TestBench<'resize'>, { flavor }: InstanceSpec): MoveDestination {
  return { host: bench.environment.host, address: '127.0.0.1', flavor };
}

export interface Resized {
  readonly instance: InstanceSpec;
  readonly after: InstanceSpec;
  readonly other: OtherHost<'resize'>;
  readonly disks: MigratedDisks;
}

/** An instance whose disks are on their way: they have left the source, and the destination has not begun. */
export async function sentAway(bench: TestBench<'resize'>): Promise<Resized> {
  const other = await bench.otherHost();
  const instance = await bench.spawned();
  const after = larger(instance);
  const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: destinationOf(other, after) });
  return { instance, after, other, disks };
}

/** An instance that was resized to another host, and is to be confirmed or reverted. */
export async function resized(bench: TestBench<'resize'>, start?: FinishMigrationRequest['start']): Promise<Resized> {
  const move = await sentAway(bench);
  await move.other.driver.finishMigration({ instance: move.after, disks: move.disks, ...(start && { start }) });
  return move;
}

/** An instance that was resized on its own host. */
export async function resizedInPlace(bench: TestBench<'resize'>): Promise<Omit<Resized, 'other'>> {
  const instance = await bench.spawned();
  const after = larger(instance);
  const disks = await bench.driver.migrateDiskAndPowerOff({ instance, destination: sameHost(bench, after) });
  await bench.driver.finishMigration({ instance: after, disks });
  return { instance, after, disks };
}

/** There is no guest; what there may be is what a move has left. */
export async function noGuestIsThere(driver: ComputeDriver, { uuid }: InstanceSpec, where: string): Promise<void> {
  const { guest, powerState } = await driver.inspect({ instanceUuid: uuid });
  assert.deepEqual({ guest, powerState }, { guest: 'absent', powerState: 'NOSTATE' }, `There is a guest ${where}.`);
  assert.ok(!(await driver.listInstanceUuids({})).includes(uuid), `The instance is listed ${where}.`);
}
