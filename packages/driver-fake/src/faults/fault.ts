/**
 * What can go wrong at one operation.
 *
 * A fault at a hypervisor step is the driver's to handle, and it keeps its contract. A fault at a driver method stands for
 * a driver that breaks the contract: what is thrown there leaves the driver as it is, and a hang there is the driver's own.
 */
export type Fault =
  | ThrowFault
  | DelayFault
  | HangFault
  /** The work is done and its answer is lost. The driver says `OUTCOME_UNKNOWN`. */
  | { readonly type: 'lose-answer' }
  /** The step answers that all is well, and the guest is dead at that moment. Only at steps that leave a guest running. */
  | { readonly type: 'crash-guest' }
  | EventFault
  | MeetFault
  | DieFault;

/** Something else happens at that moment, such as another request; the call waits for it and goes on as if nothing had been. */
export interface MeetFault {
  readonly type: 'meet';
  readonly meet: () => Promise<void>;
  /** Default `'before'`. */
  readonly when?: FaultMoment;
}

/** Before the work, and then it is not done, or after it. */
export type FaultMoment = 'before' | 'after';

export interface ThrowFault {
  readonly type: 'throw';
  /** Any value: a ComputeError, an Error full of host words, a string, `undefined`. */
  readonly error: unknown;
  /** Default `'before'`. */
  readonly when?: FaultMoment;
}

export interface DelayFault {
  readonly type: 'delay';
  /** On the hypervisor's clock. */
  readonly delayMs: number;
}

export interface HangFault {
  readonly type: 'hang';
  /** `'abort'`: rejects with the reason of its signal. `'never'`: does not heed the signal and never settles. */
  readonly until: 'abort' | 'never';
  /** Default `'before'`. */
  readonly when?: FaultMoment;
}

/** What becomes of the lifecycle events that a step causes. Only at steps. */
export type EventFault =
  | { readonly type: 'event'; readonly delivery: 'twice' | 'never' }
  | { readonly type: 'event'; readonly delivery: 'late'; readonly delayMs: number };

/**
 * The process of the driver dies. Its connection is cut: nothing it does from now on reaches the hypervisor or settles. A
 * test that runs in a process of its own kills it in `die`; one that does not drops the driver and makes a new one.
 */
export interface DieFault {
  readonly type: 'die';
  readonly die: () => void;
  /** Default `'before'`. */
  readonly when?: FaultMoment;
}
