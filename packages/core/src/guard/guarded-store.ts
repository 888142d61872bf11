import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type Clock,
  type ComputeErrorCode,
  type DriverLog,
} from '../driver/index.js';
import type { InstancePatch } from '../model/instance.js';
import type { CommittedInstances, ComputeStore } from '../store/compute-store.js';
import type { StoreWrite } from '../store/store-write.js';
import { settleWithin } from './settle.js';

export interface StoreGuardOptions {
  readonly clock: Clock;
  readonly log: DriverLog;
  /** When a call to the store counts as failed, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Waits between attempts, in milliseconds: short enough for a busy SQLite file, long enough for a failing-over server. */
const retryDelaysMs = [50, 500];

type ReadMethod = Exclude<keyof ComputeStore, 'commit' | 'close'>;

/**
 * Puts the rules of the store port around a store: every call settles, nothing but a ComputeError leaves, and a store that
 * fails for a moment fails nobody's operation: what is safe to repeat is repeated.
 */
export function guardStore(store: ComputeStore, options: StoreGuardOptions): ComputeStore {
  const { clock, log, timeoutMs = 10_000 } = options;

  const once = async <Value>(
    method: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    const { settled } = await settleWithin({ clock, timeoutMs, graceMs: 0, signal }, work);
    if (settled === 'never')
      throw unavailable(method, new DOMException('The store did not answer in time.', 'TimeoutError'));
    if (settled.status === 'fulfilled') return settled.value;
    throw isComputeError(settled.reason) ? settled.reason : unavailable(method, settled.reason);
  };

  const steadily = async <Value>(
    method: string,
    signal: AbortSignal | undefined,
    attempt: (nth: number) => Promise<Value>,
  ): Promise<Value> => {
    for (let nth = 1; ; nth++) {
      try {
        return await attempt(nth);
      } catch (failure) {
        const delayMs = retryDelaysMs[nth - 1];
        if (delayMs === undefined || !isComputeError(failure, 'STORE_UNAVAILABLE') || signal?.aborted) throw failure;
        log.warn({ err: failure, method, attempt: nth }, 'the store failed; trying again');
        await clock.sleep(delayMs);
      }
    }
  };

  const read =
    <Method extends ReadMethod>(method: Method) =>
    (first: never, callOptions: CallOptions = {}): Promise<unknown> =>
      steadily(method, callOptions.signal, () =>
        once(method, callOptions.signal, (signal) => {
          const call = store[method].bind(store) as (first: never, options: CallOptions) => Promise<unknown>;
          return call(first, { signal });
        }),
      );

  const commit = (writes: readonly StoreWrite[], callOptions: CallOptions = {}): Promise<CommittedInstances> =>
    steadily('commit', callOptions.signal, async (nth) => {
      try {
        return await once('commit', callOptions.signal, (signal) => store.commit(writes, { signal }));
      } catch (failure) {
        // The first attempt may have succeeded and only its answer may have been lost.
        const mayBeOurs = nth > 1 && isComputeError(failure) && conflicts.has(failure.code);
        const applied = mayBeOurs ? await alreadyApplied(store, writes) : undefined;
        if (applied) return applied;
        throw failure;
      }
    });

  const reads = Object.fromEntries(readMethods.map((method) => [method, read(method)]));
  return { ...(reads as unknown as Pick<ComputeStore, ReadMethod>), commit, close: () => store.close() };
}

/** What a unit that was made meets when it is made again. */
const conflicts: ReadonlySet<ComputeErrorCode> = new Set([
  'INSTANCE_EXISTS',
  'UNEXPECTED_TASK_STATE',
  'INSTANCE_INVALID_STATE',
]);

const readMethods: readonly ReadMethod[] = [
  'getInstance',
  'listInstances',
  'getAction',
  'listActions',
  'listUnfinishedActions',
  'listEvents',
  'listFaults',
  'listNotifications',
];

/** The instances, if each already is what the writes want it to be. A unit is all or nothing, so the rest is there too. */
async function alreadyApplied(
  store: ComputeStore,
  writes: readonly StoreWrite[],
): Promise<CommittedInstances | undefined> {
  const instances = new Map<string, Awaited<ReturnType<ComputeStore['getInstance']>>>();
  for (const write of writes) {
    if (write.write === 'create-instance') {
      const present = await store.getInstance(write.instance.uuid);
      if (present.createdAtMs !== write.instance.createdAtMs || present.taskOwner !== write.instance.taskOwner)
        return undefined;
      instances.set(present.uuid, present);
    } else if (write.write === 'update-instance') {
      const present = await store.getInstance(write.uuid);
      const fields = Object.keys(write.patch) as (keyof InstancePatch)[];
      if (fields.some((field) => present[field] !== write.patch[field])) return undefined;
      instances.set(present.uuid, present);
    }
  }
  return instances.size > 0 ? instances : undefined;
}

function unavailable(method: string, cause: unknown): ComputeError {
  return new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator: { method } });
}
