import { redact } from '@virtkit/decorators';
import {
  ComputeError,
  isComputeError,
  missingMethods,
  printed,
  type Capability,
  type CallOptions,
  type Clock,
  type ComputeDriver,
  type DriverFence,
  type DriverLog,
  type DriverMethodName,
  type GuestName,
  type DriverWith,
  type HostRequest,
  type HonouredProperties,
} from '../driver/index.js';
import { abortedError } from './aborted-error.js';
import { checkedAnswer, refusedAnswer } from './checked-answer.js';
import { capabilityOf, driverCalls, type DriverCallRow } from './driver-call-table.js';
import { FencedEntry } from './fenced-entry.js';
import { driverAnswers } from './driver-answer-table.js';
import { fittingFailure } from './fitting-failure.js';
import { computeErrorFrom } from './foreign-failure.js';
import { callSignal } from './last-moment.js';
import { requireCapability } from './require-capability.js';
import { settleWithin } from './settle.js';

/** A driver whose guarantees no longer depend on the driver. Made by {@link guardDriver}. */
export interface GuardedDriver extends ComputeDriver {
  /** Never left out by accident: a wrapper that forgets it would honour everything. */
  readonly honoured: HonouredProperties | undefined;
  /** The driver, known to have the ability. @throws ComputeError `NOT_SUPPORTED` */
  with<C extends Capability>(capability: C): DriverWith<C>;
}

export interface DriverGuardOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** Deadlines by method, in milliseconds, over those of the table. */
  readonly timeoutsMs?: Partial<Record<DriverMethodName, number>>;
  /** How long an aborted call may take to settle. Default 10,000: libvirt gives QEMU as long between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  /** Asked before each call that changes something; reads do not ask. Default: every call passes. */
  readonly fence?: Pick<DriverFence, 'pass'>;
  /** Aborted at the last moment of this process: from then on no call begins. */
  readonly lastMoment?: AbortSignal;
}

/**
 * Puts the guarantees of the contract around a driver, so that drivers may be naive and nobody has to trust them:
 * - a process that was replaced on its host changes nothing: `SESSION_LOST`. While the store is away, calls wait for the lease;
 *   `STORE_UNAVAILABLE` at their deadline;
 * - before `initHost` has resolved and after `cleanupHost`, every call is refused with `MANAGER_CLOSED`;
 * - an ability that is not declared is refused with `NOT_SUPPORTED` and its reason;
 * - every call settles: it is aborted at its deadline (`DEADLINE_EXCEEDED`) or by the caller (`ABORTED`), and what does not
 *   settle then is given up as `OUTCOME_UNKNOWN`;
 * - nothing but a ComputeError leaves: the rest becomes `INTERNAL`, the cause attached.
 *
 * @throws ComputeError `DRIVER_INCOMPATIBLE` when the driver declares an ability without having its methods
 */
export function guardDriver(driver: ComputeDriver, options: DriverGuardOptions): GuardedDriver {
  const missing = missingMethods(driver);
  if (missing.length > 0) {
    throw new ComputeError('DRIVER_INCOMPATIBLE', {
      driver: options.name,
      problem: `it declares abilities without having the methods ${missing.join(', ')}`,
      accepted: 'every method of each declared ability',
    });
  }
  return new DriverGuard(driver, options).guarded();
}

/** What the guard reads of requests. */
interface AnyRequest {
  readonly instance?: GuestName;
  readonly instanceUuid?: string;
  readonly gracePeriodMs?: unknown;
}

type AnyCall = (request: AnyRequest, options?: CallOptions) => Promise<unknown>;

class DriverGuard {
  readonly #driver: ComputeDriver;
  readonly #options: DriverGuardOptions;
  #life: 'new' | 'ready' | 'closed' = 'new';

  constructor(driver: ComputeDriver, options: DriverGuardOptions) {
    this.#driver = driver;
    this.#options = options;
  }

  guarded(): GuardedDriver {
    const methods = Object.keys(driverCalls) as DriverMethodName[];
    const calls = Object.fromEntries(methods.map((method) => [method, this.#callOf(method)]));
    const guarded = {
      ...calls,
      capabilities: this.#driver.capabilities,
      honoured: this.#driver.honoured,
      initHost: (request: HostRequest, callOptions?: CallOptions) => this.#initHost(request, callOptions),
      cleanupHost: () => this.#cleanupHost(),
      with: (capability: Capability) => {
        requireCapability(this.#driver.capabilities, capability);
        return guarded;
      },
    } as unknown as GuardedDriver;
    return Object.freeze(guarded);
  }

  async #initHost(request: HostRequest, callOptions?: CallOptions): Promise<void> {
    if (this.#life !== 'new') throw new ComputeError('MANAGER_CLOSED', { operation: 'start' });
    await this.#settle('initHost', request, callOptions);
    this.#life = 'ready';
  }

  async #cleanupHost(): Promise<void> {
    if (this.#life === 'closed') return;
    this.#life = 'closed';
    const { clock, log, graceMs = defaultGraceMs } = this.#options;
    const deadline = { clock, timeoutMs: graceMs, graceMs: 0, signal: undefined };
    const { settled } = await settleWithin(deadline, (signal) => this.#driver.cleanupHost({}, { signal }));
    // The host is being left: there is nobody who could do something about it but the reader of the log.
    if (settled === 'never') log.error({}, 'the driver did not leave its host in time');
    else if (settled.status === 'rejected')
      log.error({ err: settled.reason }, 'the driver did not leave its host cleanly');
  }

  #callOf(method: DriverMethodName): AnyCall {
    const capability = capabilityOf(method);
    return async (request, callOptions) => {
      if (this.#life !== 'ready') throw new ComputeError('MANAGER_CLOSED', { operation: method });
      if (capability) requireCapability(this.#driver.capabilities, capability);
      return await this.#settle(method, request, callOptions);
    };
  }

  /** An answer of another shape than the contract's is a fault of the driver, whatever it may mean. */
  #checked(method: DriverMethodName, instanceUuid: string | undefined, answer: unknown): unknown {
    const copy = checkedAnswer(driverAnswers, method, answer);
    if (copy !== refusedAnswer) return copy;
    const answered = printed(answer);
    this.#options.log.error({ method, instanceUuid, answered, answer: redact(answer) }, 'driver answer refused');
    throw computeErrorFrom(new TypeError(`the driver answered ${method} with what the contract does not know`));
  }

  async #settle(method: DriverMethodName, request: AnyRequest, callOptions: CallOptions = {}): Promise<unknown> {
    const { clock, log, timeoutsMs = {}, graceMs = defaultGraceMs, lastMoment } = this.#options;
    const row: DriverCallRow = driverCalls[method];
    const instanceUuid = request.instance?.uuid ?? request.instanceUuid;
    const timeoutMs = (timeoutsMs[method] ?? row.timeoutMs) + requestedMs(request);
    if (callOptions.signal?.aborted)
      throw abortedError(callOptions.signal.reason, method, callOptions.signal.reason, 'none');
    if (lastMoment?.aborted) throw new ComputeError('MANAGER_CLOSED', { operation: method });
    using last = callSignal(lastMoment, callOptions.signal);
    const { signal: ending } = last;
    const driver = this.#driver as unknown as Record<DriverMethodName, AnyCall>;
    const fence = row.access === 'read' || row.access === 'read-host' ? undefined : this.#options.fence;
    const entry = new FencedEntry(fence);

    const { settled, aborted, late } = await settleWithin({ clock, timeoutMs, graceMs, signal: ending }, (signal) =>
      entry.enter(signal, () => driver[method](request, { ...callOptions, signal })),
    );

    if (!entry.hasBegun) throw entry.refusal(aborted, ending?.reason, method);
    if (settled === 'never') {
      log.error({ method, instanceUuid, aborted, timeoutMs }, 'a driver call did not settle and was given up');
      void late.then((end) => log.warn({ method, instanceUuid, end }, 'a driver call that was given up has settled'));
      throw new ComputeError('OUTCOME_UNKNOWN', { operation: method });
    }
    if (settled.status === 'fulfilled') return this.#checked(method, instanceUuid, settled.value);
    const reason = isForeign(settled.reason, ending)
      ? fittingFailure(settled.reason, { method, instanceUuid, args: [request] })
      : settled.reason;
    throw failureOf(reason, aborted, ending?.reason, { operation: method, timeoutMs });
  }
}

/** A driver may throw what it was aborted with: that is our own. */
function isForeign(failure: unknown, signal: AbortSignal | undefined): failure is ComputeError {
  return isComputeError(failure) && failure !== signal?.reason;
}

const defaultGraceMs = 10_000;

/**
 * A driver that explains its end is believed; one that merely stopped because of the abort is not to blame for it. A caller
 * that aborts with a ComputeError, as one that overtakes does, gets it back.
 */
function failureOf(
  reason: unknown,
  aborted: 'by deadline' | 'by caller' | undefined,
  abortReason: unknown,
  { operation, timeoutMs }: { readonly operation: string; readonly timeoutMs: number },
): ComputeError {
  const explained = isComputeError(reason) && reason.code !== 'ABORTED';
  if (explained || aborted === undefined) return computeErrorFrom(reason);
  if (aborted === 'by deadline')
    return new ComputeError('DEADLINE_EXCEEDED', { operation, timeoutMs }, { cause: reason });
  // Nothing was undone after the host was lost, and the error of the loss says that nothing was done.
  if (isComputeError(abortReason, 'SESSION_LOST'))
    return new ComputeError('OUTCOME_UNKNOWN', { operation }, { cause: reason });
  return abortedError(abortReason, operation, reason, 'partial');
}

/** The time that a request gives its guest. The deadline of the call is for the driver, and begins when the guest has had it. */
function requestedMs({ gracePeriodMs }: AnyRequest): number {
  return typeof gracePeriodMs === 'number' && Number.isFinite(gracePeriodMs) ? Math.max(0, gracePeriodMs) : 0;
}
