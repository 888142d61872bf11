import {
  ComputeError,
  isComputeError,
  type CallOptions,
  type DriverEnvironment,
  type GuestName,
} from '@virtkit/core/driver';
import type { FaultPlan } from '../faults/fault-plan.js';
import type { Journal } from '../faults/journal.js';
import type { DriverMethod } from '../faults/operation.js';
import { forEver, underFault } from '../faults/under-fault.js';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import { CallFence } from './call-fence.js';
import type { DriverCall } from './driver-call.js';
import { abortedError, lostError, toComputeError, type FailedWork } from './fake-error.js';
import type { FakeSettings } from './fake-settings.js';
import { fencedConnection } from './fenced-connection.js';
import { UndoStack } from './undo-stack.js';

interface RunnerParts {
  readonly connection: FakeConnection;
  readonly environment: DriverEnvironment;
  readonly settings: FakeSettings;
  readonly faults: FaultPlan;
  readonly journal: Journal;
}

/**
 * How every method of the driver runs: refused once the driver is closed or its signal aborted, struck by the faults planned
 * for the method, undone and translated when it fails.
 */
export class CallRunner {
  readonly #parts: RunnerParts;
  readonly #changes = new Map<string, { readonly call: DriverCall; readonly abort: AbortController }>();
  #open: 'yes' | 'no' = 'no';

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Calls are accepted once it has resolved. */
  async initHost({ signal }: CallOptions, connect: (options: CallOptions) => Promise<void>): Promise<void> {
    const work: FailedWork = { operation: 'initHost', effect: 'none' };
    if (signal?.aborted) throw abortedError(signal.reason, work);
    await this.#underFault(work, signal, () => this.#reading(work, signal, connect));
    this.#open = 'yes';
  }

  /** Aborts every change under way; no call is accepted any more. */
  async cleanupHost(disconnect: () => void): Promise<void> {
    await this.#underFault({ operation: 'cleanupHost', effect: 'none' }, undefined, async () => {
      this.#open = 'no';
      for (const { abort, call } of this.#changes.values()) {
        abort.abort(new ComputeError('ABORTED', { operation: call.operation }));
      }
      disconnect();
    });
  }

  /** A call that changes nothing. */
  async read<T>(
    operation: DriverMethod,
    instanceUuid: string | undefined,
    { signal }: CallOptions,
    body: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const work: FailedWork = { operation, effect: 'none', ...(instanceUuid !== undefined && { instanceUuid }) };
    this.#mayBegin(work, signal);
    return await this.#underFault(work, signal, () => this.#reading(work, signal, body));
  }

  /** A call about a change that is under way for the same instance, which goes on meanwhile. */
  async beside(
    operation: DriverMethod,
    instanceUuid: string,
    options: CallOptions,
    body: (options: CallOptions) => Promise<void>,
  ): Promise<void> {
    await this.read(operation, instanceUuid, options, body);
  }

  /** A call that changes the host, and no instance: the body says when it has. */
  async changeHost<T>(
    operation: DriverMethod,
    { signal }: CallOptions,
    body: (options: CallOptions, changed: () => void) => Promise<T>,
  ): Promise<T> {
    const work = { operation, effect: 'none' as FailedWork['effect'] };
    this.#mayBegin(work, signal);
    const changed = (): void => {
      work.effect = 'partial';
    };
    return await this.#underFault(work, signal, () => this.#reading(work, signal, (options) => body(options, changed)));
  }

  /** A call that changes an instance. With `overtake`, it first makes the one under way for the same guest give up. */
  async change<T = void>(
    operation: DriverMethod,
    instance: GuestName,
    { signal, order = 'in turn' }: CallOptions & { readonly order?: 'in turn' | 'overtake' },
    body: (call: DriverCall) => Promise<T>,
  ): Promise<T> {
    const { uuid: instanceUuid } = instance;
    this.#mayBegin({ operation, instanceUuid, effect: 'none' }, signal);
    if (order === 'overtake') this.#overtake(instance);

    const abort = new AbortController();
    const passOn = (): void => abort.abort(signal?.reason);
    signal?.addEventListener('abort', passOn, { once: true });
    const { connection, environment, settings } = this.#parts;
    const fence = new CallFence(environment.fence);
    const call: DriverCall = {
      operation,
      instance,
      instanceUuid,
      connection: fencedConnection(connection, fence),
      fence,
      environment,
      settings,
      signal: abort.signal,
      undo: new UndoStack(),
      effect: 'none',
      overtaken: 'no',
    };
    const change = { call, abort };
    this.#changes.set(instanceUuid, change);
    try {
      return await this.#underFault(call, abort.signal, () => this.#runUndoing(call, body));
    } finally {
      signal?.removeEventListener('abort', passOn);
      if (this.#changes.get(instanceUuid) === change) this.#changes.delete(instanceUuid);
    }
  }

  async #reading<T>(
    work: FailedWork,
    signal: AbortSignal | undefined,
    body: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    try {
      return await body(signal ? { signal } : {});
    } catch (failure) {
      if (signal?.aborted && failure === signal.reason) throw abortedError(failure, work);
      if (isComputeError(failure, 'SESSION_LOST')) throw lostError(failure, work);
      throw toComputeError(failure, work);
    }
  }

  async #runUndoing<T>(call: DriverCall, body: (call: DriverCall) => Promise<T>): Promise<T> {
    const { environment, settings } = this.#parts;
    const { fence } = call;
    try {
      return await body(call);
    } catch (failure) {
      if (fence.isLost || isComputeError(failure, 'SESSION_LOST')) throw lostError(failure, call);
      const aborted = call.signal.aborted && failure === call.signal.reason;
      const first = aborted ? abortedError(failure, call) : toComputeError(failure, call);
      if (!call.undo.isEmpty) await call.undo.unwind(first, environment.clock, settings.undoTimeoutMs);
      if (fence.isLost) throw lostError(first, call);
      throw first;
    }
  }

  #mayBegin(work: FailedWork, signal: AbortSignal | undefined): void {
    if (this.#open === 'no') throw new ComputeError('HYPERVISOR_UNAVAILABLE', {});
    if (signal?.aborted) throw abortedError(signal.reason, work);
  }

  /** What is under way for a guest of another generation goes on. */
  #overtake({ uuid, generation = null }: GuestName): void {
    const change = this.#changes.get(uuid);
    if (change === undefined || (change.call.instance.generation ?? null) !== generation) return;
    change.call.overtaken = 'yes';
    change.abort.abort(new ComputeError('ABORTED', { operation: change.call.operation }));
  }

  /** What a fault at the method throws leaves the driver as it is: it plays a driver that breaks its contract. */
  async #underFault<T>(work: FailedWork, signal: AbortSignal | undefined, body: () => Promise<T>): Promise<T> {
    const { connection, environment, faults, journal } = this.#parts;
    if (connection.isCut) return forEver();
    const operation = work.operation as DriverMethod;
    const entry = journal.begin(operation, work.instanceUuid);
    const fault = faults.strike(operation, work.instanceUuid);
    try {
      const answer = await (fault === undefined
        ? body()
        : underFault(
            fault,
            {
              clock: environment.clock,
              signal,
              answerLost: () => new ComputeError('OUTCOME_UNKNOWN', { operation }),
              cutConnection: () => connection.cut(),
              crashGuest: () => {},
              withEvents: (_fault, doWork) => doWork(),
            },
            body,
          ));
      entry.outcome = 'done';
      return answer;
    } catch (failure) {
      entry.outcome = 'failed';
      throw failure;
    }
  }
}
