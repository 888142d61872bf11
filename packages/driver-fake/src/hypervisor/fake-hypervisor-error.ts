import type { StartProblem } from '@virtkit/core/driver';

/**
 * Why the simulated hypervisor did not do as asked. `unreachable`: the request was not sent. `answer-lost`: it was, and
 * nobody knows what became of it. `older-epoch`: it came from a manager that was replaced. `refused`: for a reason of its own.
 */
export type HypervisorRefusal =
  | 'no-guest'
  | 'guest-exists'
  | 'invalid-state'
  | 'cannot-start'
  | 'no-memory'
  | 'no-space'
  | 'no-image'
  | 'bad-image'
  | 'no-device'
  | 'too-many-devices'
  | 'link-down'
  | 'no-migration'
  | 'no-agent'
  | 'no-console'
  | 'busy'
  | 'older-epoch'
  | 'refused'
  | 'unreachable'
  | 'answer-lost';

/** What a refusal is about, where a driver must say it. */
export interface RefusalSubject {
  readonly imageId?: string;
  readonly device?: string;
  readonly deviceCountMax?: number;
}

/**
 * The simulator's own error, foreign to the manager as libvirt's is: its message is full of host words, on purpose, so that
 * a leak is seen. It never leaves the driver.
 */
export class FakeHypervisorError extends Error {
  override readonly name = 'FakeHypervisorError';
  readonly refusal: HypervisorRefusal;
  /** With `cannot-start`. */
  readonly problem: StartProblem;
  readonly about: RefusalSubject;

  constructor(
    refusal: HypervisorRefusal,
    message: string,
    problem: StartProblem = 'unspecified',
    about: RefusalSubject = {},
  ) {
    super(message);
    this.refusal = refusal;
    this.problem = problem;
    this.about = about;
  }
}
