import type { Fault } from './fault.js';
import { driverMethods, hypervisorSteps, isDriverMethod, isHypervisorStep, type Operation } from './operation.js';

/** A place where a fault can strike: the nth call of an operation, of one instance or of all. */
export interface FaultPoint {
  readonly at: Operation;
  /** Left out: calls for any instance, and those for none. */
  readonly instanceUuid?: string;
  /** Which of the matching calls since the fault was planned, from 1. Default 1. */
  readonly nth?: number;
}

export interface FaultRequest extends FaultPoint {
  readonly fault: Fault;
  /** How many matching calls in a row it strikes. Default 1. */
  readonly times?: number | 'always';
}

/** A fault as it was planned, and what has become of it. */
export interface PlannedFault extends FaultRequest {
  /** How often it has struck. A test that planned a fault asserts that it came. */
  readonly strikes: number;
  /** Takes it out of the plan. Idempotent. */
  cancel(): void;
}

/** Steps after which a guest may be running, and so may die. */
const livelySteps: readonly Operation[] = ['start', 'resumeCpus', 'restoreMemory'];

interface Entry {
  readonly request: FaultRequest;
  seen: number;
  strikes: number;
}

/**
 * What will go wrong, and when. Empty at first; faults may be planned and cancelled at any time. Where several match a
 * call, the one planned first strikes and the others only count the call.
 */
export class FaultPlan {
  readonly #entries = new Map<Operation, Entry[]>();

  /** Plans a fault. @throws TypeError, RangeError when it can never strike */
  add(request: FaultRequest): PlannedFault {
    check(request);
    const entry: Entry = { request, seen: 0, strikes: 0 };
    const entries = this.#entries.get(request.at) ?? [];
    this.#entries.set(request.at, [...entries, entry]);
    return {
      ...request,
      get strikes() {
        return entry.strikes;
      },
      cancel: () => this.#remove(entry),
    };
  }

  /** Forgets everything planned. */
  clear(): void {
    this.#entries.clear();
  }

  /** For the hypervisor and the driver: counts a call, and returns the fault that strikes it. */
  strike(operation: Operation, instanceUuid: string | undefined): Fault | undefined {
    const entries = this.#entries.get(operation);
    if (entries === undefined) return undefined;
    let struck: Entry | undefined;
    for (const entry of entries) {
      const { request } = entry;
      if (request.instanceUuid !== undefined && request.instanceUuid !== instanceUuid) continue;
      entry.seen += 1;
      if (struck === undefined && isDue(entry)) struck = entry;
    }
    if (struck === undefined) return undefined;
    struck.strikes += 1;
    return struck.request.fault;
  }

  #remove(entry: Entry): void {
    const left = (this.#entries.get(entry.request.at) ?? []).filter((each) => each !== entry);
    if (left.length === 0) this.#entries.delete(entry.request.at);
    else this.#entries.set(entry.request.at, left);
  }
}

function isDue({ request, seen }: Entry): boolean {
  const first = request.nth ?? 1;
  const times = request.times === 'always' ? Infinity : (request.times ?? 1);
  return seen >= first && seen < first + times;
}

function check({ at, nth = 1, times = 1, fault }: FaultRequest): void {
  if (!isHypervisorStep(at) && !isDriverMethod(at)) {
    const accepted = [...hypervisorSteps, ...driverMethods].join(', ');
    throw new TypeError(`at is ${String(at)}; accepted: ${accepted}.`);
  }
  if (!Number.isInteger(nth) || nth < 1) throw new RangeError(`nth is ${nth}; accepted: a whole number from 1.`);
  if (times !== 'always' && (!Number.isInteger(times) || times < 1)) {
    throw new RangeError(`times is ${times}; accepted: a whole number from 1, 'always'.`);
  }
  if (fault.type === 'event' && !isHypervisorStep(at)) {
    throw new TypeError(`An event fault is planned at ${at}; accepted: ${hypervisorSteps.join(', ')}.`);
  }
  if (fault.type === 'crash-guest' && !livelySteps.includes(at)) {
    throw new TypeError(`A crash-guest fault is planned at ${at}; accepted: ${livelySteps.join(', ')}.`);
  }
}
