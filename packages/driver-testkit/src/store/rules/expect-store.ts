import assert from 'node:assert/strict';
import {
  isComputeError,
  type ComputeError,
  type ComputeErrorCode,
  type ComputeStore,
  type Notification,
} from '@virtkit/core/store';

/** The call must reject with a ComputeError of this code. */
export async function refusal<Code extends ComputeErrorCode>(
  call: Promise<unknown>,
  code: Code,
): Promise<ComputeError<Code>> {
  const failure = await call.then(
    () => assert.fail(`It rejects with ${code}; it resolved.`),
    (reason: unknown) => reason,
  );
  assert.ok(isComputeError(failure), `It rejects with a ComputeError and nothing else, not with ${String(failure)}.`);
  assert.equal(failure.code, code, `The code is ${failure.code}, not ${code}.`);
  return failure as ComputeError<Code>;
}

/** Every notification there is, or every one of an instance. */
export async function notificationsIn(store: ComputeStore, instanceUuid?: string): Promise<readonly Notification[]> {
  const of = instanceUuid === undefined ? {} : { instanceUuid };
  return await store.listNotifications({ afterSequence: 0, countMax: 1_000_000, ...of });
}

export function uuidsOf(records: readonly { readonly uuid: string }[]): readonly string[] {
  return records.map(({ uuid }) => uuid);
}

/** What of many calls came out: the values of those that resolved, and the failures of the rest, which must be ComputeErrors. */
export async function outcomesOf<Value>(
  calls: readonly Promise<Value>[],
): Promise<{ readonly values: readonly Value[]; readonly failures: readonly ComputeError[] }> {
  const settled = await Promise.allSettled(calls);
  const values = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  const foreign = failures.find((failure) => !isComputeError(failure));
  assert.equal(foreign, undefined, 'A store rejects with ComputeErrors and nothing else.');
  return { values, failures: failures as readonly ComputeError[] };
}
