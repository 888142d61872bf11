import assert from 'node:assert/strict';
import type { InstanceSpec } from '@virtkit/core/driver';
import type { TestBench } from '../suite/test-bench.js';

/** The guest has the device, or has it not: now where it runs, and after its next start. */
export async function hasDevice(
  bench: TestBench<never>,
  instance: InstanceSpec,
  id: string,
  expected: { readonly now: boolean; readonly afterNextStart: boolean },
): Promise<void> {
  const { now, afterNextStart } = await bench.lookAtDevices(instance);
  const had = { now: isIn(now, id), afterNextStart: isIn(afterNextStart, id) };
  assert.deepEqual(had, expected, 'Where the guest has the device is not where it should.');
}

function isIn(devices: readonly { readonly id: string }[], id: string): boolean {
  return devices.filter((device) => device.id === id).length === 1;
}
