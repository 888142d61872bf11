import type { Compute, CreateRequest } from '@virtkit/core';

/** Where the tour plays: a compute manager on some hypervisor, and the hands that break that and mend it. */
export interface Stage {
  readonly compute: Compute;
  /** The instance that the tour builds. */
  readonly request: CreateRequest;
  /** What the audience is told of this stage. */
  readonly words: StageWords;
  /** Names, paths and addresses of the host that the failure will carry. No tenant may read one of them. */
  readonly hostWords: readonly string[];
  /** What the guest's console shows once it has booted; `undefined` where guests have nothing to say. */
  readonly bootedLine: RegExp | undefined;
  /** From now on the guest cannot be started. */
  breakStart(): Promise<void>;
  /** It can be started again. @throws Error when what was broken has not come to bear */
  mendStart(): Promise<void>;
  /**
   * Removes the instance if the tour has not come to that, ends the stage, and answers what is left of it on this machine,
   * a sentence each. Idempotent.
   */
  close(): Promise<readonly string[]>;
}

export interface StageWords {
  /** Completes "The instance of this tour is …". */
  readonly hypervisor: string;
  /** A sentence: what breaks. */
  readonly failure: string;
  /** A sentence: how that was mended. */
  readonly healing: string;
  /** A sentence: what is not there any more after {@link Stage.close} has answered with nothing. */
  readonly afterwards: string;
}
