import { isDeepStrictEqual } from 'node:util';
import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type Clock,
  type ComputeErrorCode,
  type DriverLog,
} from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { checkStoreCall } from '../store/check-store-call.js';
import type { CommittedInstances, ComputeStore } from '../store/compute-store.js';
import type { StoreWrite } from '../store/store-write.js';
import { fittingFailure } from './fitting-failure.js';
import { settleWithin } from './settle.js';

export interface StoreGuardOptions {
  readonly clock: Clock;
  readonly log: DriverLog;
  /** When a call to the store counts as failed, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Waits between attempts, in milliseconds: short enough for a busy SQLite file, long enough for a failing-over server. */
const retryDelaysMs = [50, 500];

/**
 * Puts the rules of the store port around a store: every call settles, nothing but a ComputeError leaves, and a store that
 * fails for a moment fails nobody's operation: what is safe to repeat is repeated.
 */
export function guardStore(store: ComputeStore, options: StoreGuardOptions): ComputeStore {
  const { clock, log, timeoutMs = 10_000 } = options;

  const once = async <Value>(
    method: string,
    args: readonly unknown[],
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> => {
    const { settled } = await settleWithin({ clock, timeoutMs, graceMs: 0, signal }, work);
    if (settled === 'never')
      throw unavailable(method, new DOMException('The store did not answer in time.', 'TimeoutError'));
    if (settled.status === 'fulfilled') return settled.value;
    const { reason } = settled;
    const isKnown = isComputeError(reason) && !(reason.code === 'STORE_UNAVAILABLE' && reason.effect === 'unknown');
    if (!isKnown) throw unavailable(method, reason);
    throw reason === signal?.reason ? reason : fittingFailure(reason, { method, args });
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

  const steady =
    (method: SteadyMethod) =>
    async (...args: unknown[]): Promise<unknown> => {
      const optionsAt = optionsPlaces[method];
      checkStoreCall(method, ...args.slice(0, optionsAt));
      const { signal: asked } = (args[optionsAt] ?? {}) as CallOptions;
      const before = args.slice(0, optionsAt);
      return await steadily(method, asked, () =>
        once(method, before, asked, (signal) => {
          const call = store[method].bind(store) as (...args: unknown[]) => Promise<unknown>;
          return call(...before, { signal });
        }),
      );
    };

  const commit = async (writes: readonly StoreWrite[], callOptions: CallOptions = {}): Promise<CommittedInstances> => {
    checkStoreCall('commit', writes);
    return await steadily('commit', callOptions.signal, async (nth) => {
      try {
        return await once('commit', [writes], callOptions.signal, (signal) => store.commit(writes, { signal }));
      } catch (failure) {
        // The first attempt may have succeeded and only its answer may have been lost.
        const mayBeOurs = nth > 1 && isComputeError(failure) && conflicts.has(failure.code);
        const applied = mayBeOurs ? await alreadyApplied(store, writes) : undefined;
        if (applied) return applied;
        throw failure;
      }
    });
  };

  const methods = Object.keys(optionsPlaces) as SteadyMethod[];
  const calls = Object.fromEntries(methods.map((method) => [method, steady(method)]));
  return { ...(calls as unknown as Pick<ComputeStore, SteadyMethod>), commit, close: () => store.close() };
}

/** What a unit that was made meets when it is made again. */
const conflicts: ReadonlySet<ComputeErrorCode> = new Set([
  'INSTANCE_EXISTS',
  'UNEXPECTED_TASK_STATE',
  'INSTANCE_INVALID_STATE',
  'UNEXPECTED_ACTION_STATE',
]);

type SteadyMethod = Exclude<keyof ComputeStore, 'commit' | 'close'>;

/** Every call that may simply be made again, and where its options stand among the arguments. */
const optionsPlaces: Readonly<Record<SteadyMethod, number>> = {
  openSession: 1,
  renewSession: 2,
  closeSession: 1,
  getSession: 1,
  getHost: 1,
  listHosts: 0,
  getInstance: 1,
  listInstances: 1,
  getAction: 1,
  findAction: 1,
  listActions: 1,
  listUnfinishedActions: 1,
  listEvents: 1,
  listFaults: 1,
  listNotifications: 1,
  getMigration: 1,
  listMigrations: 1,
  findConsoleToken: 1,
  listDamaged: 1,
};

/** The instances, if they and the actions already are what the writes want them to be. A unit is all or nothing, so the rest is there too. */
async function alreadyApplied(
  store: ComputeStore,
  writes: readonly StoreWrite[],
): Promise<CommittedInstances | undefined> {
  const instances = new Map<string, Instance>();
  const wanted = new Map<string, object>();
  for (const write of writes) {
    // Of several changes of one record the last word of each field counts.
    if (write.write === 'update-instance' || write.write === 'update-action') {
      wanted.set(write.uuid, { ...wanted.get(write.uuid), ...write.patch });
    } else if (write.write === 'create-instance') {
      const { uuid, createdAtMs, taskOwner } = write.instance;
      wanted.set(uuid, { createdAtMs, taskOwner });
    }
  }
  for (const write of writes) {
    const isInstance = write.write === 'update-instance' || write.write === 'create-instance';
    if (!isInstance && write.write !== 'update-action') continue;
    const uuid = write.write === 'create-instance' ? write.instance.uuid : write.uuid;
    const present = isInstance ? await store.getInstance(uuid) : await store.getAction(uuid);
    if (!hasFields(present, wanted.get(uuid) ?? {})) return undefined;
    if (isInstance) instances.set(uuid, present as Instance);
  }
  return wanted.size > 0 ? instances : undefined;
}

function hasFields(present: object, fields: object): boolean {
  const record = present as Readonly<Record<string, unknown>>;
  return Object.entries(fields).every(([name, value]) => isDeepStrictEqual(record[name], value));
}

/** What changes something in the store; all other calls only read. */
const changing: readonly string[] = [
  'commit',
  'openSession',
  'renewSession',
  'closeSession',
] satisfies (keyof ComputeStore)[];

function unavailable(method: string, cause: unknown): ComputeError {
  const effect = changing.includes(method) ? 'unknown' : 'none';
  return new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator: { method }, effect });
}
