import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';
import type { Fault } from './fault.js';
import { FaultPlan, type FaultRequest } from './fault-plan.js';
import type { HypervisorStep } from './operation.js';

export interface RandomFaultPlanOptions {
  /** How many faults. Default 5. */
  readonly faultCount?: number;
  /** Each strikes one of the first so many calls of its step. Default 3. */
  readonly nthMax?: number;
  /** The longest delay of a call or an event. Default 1,000. */
  readonly delayMsMax?: number;
}

export interface RandomFaultPlan {
  readonly plan: FaultPlan;
  /** What was planned, for the message of a failing test: print it beside the seed. */
  readonly faults: readonly FaultRequest[];
}

const steps: readonly HypervisorStep[] = [
  'readState',
  'createDisk',
  'removeDisk',
  'plugVif',
  'unplugVif',
  'define',
  'undefine',
  'start',
  'stop',
  'askToStop',
  'pauseCpus',
  'resumeCpus',
  'saveMemory',
  'restoreMemory',
  'dropSavedMemory',
  'bootFrom',
  'attachDevice',
  'askToDetach',
  'forgetDevice',
  'replaceDevice',
  'startMirror',
  'pivotMirror',
  'cancelMirror',
  'growDevice',
  'addOverlay',
  'mergeOverlay',
  'captureDisk',
  'copyCapture',
  'dropCapture',
  'removeFile',
  'mountExport',
  'unmountExport',
];

/** A plan drawn from a seed: the same seed, the same faults. All of them settle, a hang when the call is aborted. */
export function randomFaultPlan(seed: number, options: RandomFaultPlanOptions = {}): RandomFaultPlan {
  const { faultCount = 5, nthMax = 3, delayMsMax = 1_000 } = options;
  const below = randomIntegers(seed);
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T;

  const faultAt = (at: HypervisorStep): Fault => {
    const choices: readonly (() => Fault)[] = [
      () => ({ type: 'throw', error: new FakeHypervisorError('refused', `internal error: ${at} failed by plan`) }),
      () => ({ type: 'throw', error: new FakeHypervisorError('unreachable', 'Cannot write data: Broken pipe') }),
      () => ({ type: 'delay', delayMs: below(delayMsMax + 1) }),
      () => ({ type: 'hang', until: 'abort', when: pick(['before', 'after']) }),
      () => ({ type: 'lose-answer' }),
      () => ({ type: 'event', delivery: pick(['twice', 'never']) }),
      () => ({ type: 'event', delivery: 'late', delayMs: below(delayMsMax + 1) }),
      ...(at === 'start' ? [(): Fault => ({ type: 'crash-guest' })] : []),
    ];
    return pick(choices)();
  };

  const faults = Array.from({ length: faultCount }, (): FaultRequest => {
    const at = pick(steps);
    return { at, nth: 1 + below(nthMax), fault: faultAt(at) };
  });
  const plan = new FaultPlan();
  for (const fault of faults) plan.add(fault);
  return { plan, faults };
}

/** Whole numbers from 0 up to a bound, by a linear congruence with the constants of Numerical Recipes; its high bits. */
function randomIntegers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
