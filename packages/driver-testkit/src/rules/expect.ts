import assert from 'node:assert/strict';
import {
  isComputeError,
  type ComputeDriver,
  type ComputeError,
  type ComputeErrorCode,
  type GuestName,
  type PowerState,
} from '@virtkit/core/driver';

/** The call must reject with a ComputeError, of one of the codes if any are given. */
export async function rejection(call: Promise<unknown>, ...codes: readonly ComputeErrorCode[]): Promise<ComputeError> {
  let failure: unknown;
  try {
    await call;
  } catch (thrown) {
    failure = thrown;
    assert.ok(isComputeError(failure), `It rejects with a ComputeError and nothing else, not with ${String(failure)}.`);
    if (codes.length > 0)
      assert.ok(codes.includes(failure.code), `The code is ${failure.code}, not ${codes.join(', ')}.`);
    return failure;
  }
  assert.fail(`It rejects${codes.length > 0 ? ` with ${codes.join(', ')}` : ''}; it resolved.`);
}

/** The aborted call must reject with a ComputeError or with the reason of its signal. */
export async function abortRejection(call: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const outcome = await call.then(
    () => 'resolved',
    (failure: unknown) => (failure === signal.reason || isComputeError(failure) ? 'rejected' : failure),
  );
  assert.equal(outcome, 'rejected', 'An aborted call rejects with a ComputeError or the reason of its signal.');
}

export async function powerStateIs(driver: ComputeDriver, instance: GuestName, expected: PowerState): Promise<void> {
  const { powerState } = await driver.getInfo({ instance });
  assert.equal(powerState, expected, `getInfo says ${powerState}, not ${expected}.`);
  const inspection = await driver.inspect({ instanceUuid: instance.uuid });
  assert.equal(inspection.powerState, expected, `inspect says ${inspection.powerState}, not ${expected}.`);
  assert.equal(inspection.guest, 'present', 'inspect says that the guest is absent.');
}

/** Neither a vif nor a secret may be on the host: each start makes them anew. */
export async function noHostEndIsLeft(driver: ComputeDriver, instanceUuid: string): Promise<void> {
  const { belongings } = await driver.inspect({ instanceUuid });
  const left = belongings.filter((belonging) => /\b(vif|secret)\b/i.test(belonging));
  assert.deepEqual(left, [], 'Something is left that belongs to a running guest.');
}

/** Nothing of the instance may be on the host. */
export async function nothingIsLeft(driver: ComputeDriver, { uuid }: { readonly uuid: string }): Promise<void> {
  const { guest, powerState, savedMemory, belongings } = await driver.inspect({ instanceUuid: uuid });
  assert.deepEqual(
    { guest, powerState, savedMemory, belongings: [...belongings] },
    { guest: 'absent', powerState: 'NOSTATE', savedMemory: 'absent', belongings: [] },
    'Something of the instance is left on the host.',
  );
  assert.ok(!(await driver.listInstanceUuids({})).includes(uuid), 'The instance is still listed.');
}
