import { ComputeError, type CallOptions, type DriverEnvironment, type GuestName } from '@virtkit/core/driver';
import { CallFence } from './call-fence.js';
import { translated, type FailedCall } from './errors/libvirt-error.js';

/** What the work of a call is given: its own signal, aborted with the caller's and when the call is overtaken. */
export interface RunningCall {
  readonly signal: AbortSignal;
}

interface RunningChange {
  readonly generation: string | null;
  readonly controller: AbortController;
  readonly settled: Promise<void>;
}

/** How long a call that was aborted may take to clean up behind itself before nobody waits for it any more. */
const SETTLE_TIMEOUT_MS = 10_000;

type Work<T> = (call: RunningCall) => Promise<T>;

/**
 * The edge of the driver: every public method runs its work in here, so that nothing but a ComputeError leaves it and an
 * aborted call does not begin.
 *
 * It also knows which changes are under way, because a `destroy` may overtake a spawn that hangs: what was overtaken is
 * aborted, lest it finishes afterwards what is to be gone.
 */
export class DriverCalls {
  readonly #changes = new Map<string, Set<RunningChange>>();
  readonly #environment: Pick<DriverEnvironment, 'clock' | 'fence'>;

  constructor(environment: Pick<DriverEnvironment, 'clock' | 'fence'>) {
    this.#environment = environment;
  }

  /** Only looks. */
  read<T>(operation: string, instanceUuid: string | undefined, options: CallOptions, work: Work<T>): Promise<T> {
    return this.#atTheEdge({ operation, kind: 'read', instanceUuid }, options, work);
  }

  /** Changes a guest. */
  change<T>(operation: string, guest: GuestName, options: CallOptions, work: Work<T>): Promise<T> {
    return this.#change({ operation, kind: 'change' }, guest, options, work);
  }

  /** Changes a guest, and is to end with a running one. */
  start<T>(operation: string, guest: GuestName, options: CallOptions, work: Work<T>): Promise<T> {
    return this.#change({ operation, kind: 'start' }, guest, options, work);
  }

  /**
   * Changes a guest, whatever else is being done to it: that is aborted. As it may have gone on a little since, the work, which must be
   * idempotent, is done once more when the aborted calls have settled. What is being done to a guest of another generation goes on.
   */
  overtake(operation: string, guest: GuestName, options: CallOptions, work: Work<void>): Promise<void> {
    const { uuid, generation = null } = guest;
    const overtaken = [...(this.#changes.get(uuid) ?? [])].filter((change) => change.generation === generation);
    for (const { controller } of overtaken) controller.abort(new Error(`overtaken: ${operation}`));
    return this.change(operation, guest, options, async (call) => {
      await work(call);
      if (overtaken.length === 0) return;
      const settled = Promise.all(overtaken.map((change) => change.settled));
      await Promise.race([settled, this.#environment.clock.sleep(SETTLE_TIMEOUT_MS, call)]);
      await work(call);
    });
  }

  async #change<T>(
    call: Pick<FailedCall, 'operation' | 'kind'>,
    { uuid: instanceUuid, generation = null }: GuestName,
    options: CallOptions,
    work: Work<T>,
  ): Promise<T> {
    const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
    const change = { generation, controller: new AbortController(), settled };
    const changes = this.#changes.get(instanceUuid) ?? new Set();
    this.#changes.set(instanceUuid, changes.add(change));
    const signals = [change.controller.signal, ...(options.signal === undefined ? [] : [options.signal])];
    try {
      return await this.#atTheEdge({ ...call, instanceUuid }, { signal: AbortSignal.any(signals) }, work);
    } finally {
      settle();
      changes.delete(change);
      if (changes.size === 0) this.#changes.delete(instanceUuid);
    }
  }

  async #atTheEdge<T>(call: FailedCall, options: CallOptions, work: Work<T>): Promise<T> {
    const { operation } = call;
    const signal = options.signal ?? new AbortController().signal;
    if (signal.aborted) throw new ComputeError('ABORTED', { operation }, { cause: signal.reason, effect: 'none' });
    return await new CallFence({ ...this.#environment, signal }).run(operation, async () => {
      try {
        return await work({ signal });
      } catch (failure) {
        throw translated(failure, { ...call, signal });
      }
    });
  }
}
