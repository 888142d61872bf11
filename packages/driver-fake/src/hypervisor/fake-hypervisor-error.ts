import type { StartProblem } from '@virtkit/core/driver';

/**
 * Why the simulated hypervisor did not do as asked. `unreachable`: the request was not sent. `answer-lost`: it was, and
 * nobody knows what became of it. `refused`: for a reason of its own.
 */
export type HypervisorRefusal =
  | 'no-guest'
  | 'guest-exists'
  | 'invalid-state'
  | 'cannot-start'
  | 'no-memory'
  | 'no-space'
  | 'busy'
  | 'refused'
  | 'unreachable'
  | 'answer-lost';

/**
 * The simulator's own error, foreign to the manager as libvirt's is: its message is full of host words, on purpose, so that
 * a leak is seen. It never leaves the driver.
 */
export class FakeHypervisorError extends Error {
  override readonly name = 'FakeHypervisorError';
  readonly refusal: HypervisorRefusal;
  /** With `cannot-start`. */
  readonly problem: StartProblem;

  constructor(refusal: HypervisorRefusal, message: string, problem: StartProblem = 'unspecified') {
    super(message);
    this.refusal = refusal;
    this.problem = problem;
  }
}
