import { LibvirtError } from '../errors/libvirt-error.js';

/**
 * How a step has ended:
 * - `done`: the daemon has answered that it is done
 * - `refused`: the daemon has answered with an error
 * - `not sent`: it never left
 * - `lost`: it was sent, and there is no answer: it may be done, be under way, or never have begun
 */
export type StepOutcome<Value> = { readonly how: 'done'; readonly value: Value } | Failed;

export type StepFailure = 'refused' | 'not sent' | 'lost';

export interface Failed {
  readonly how: StepFailure;
  readonly error: unknown;
}

/** Runs a step. Never rejects. */
export async function attempt<Value>(step: () => Promise<Value>): Promise<StepOutcome<Value>> {
  try {
    return { how: 'done', value: await step() };
  } catch (error) {
    return { how: howItFailed(error), error };
  }
}

function howItFailed(error: unknown): StepFailure {
  if (LibvirtError.is(error)) return 'refused';
  // What does not say that it was not sent is taken for sent, unless it failed before anything could be: a TypeError.
  if (error instanceof TypeError) return 'not sent';
  return error instanceof Error && 'sent' in error && error.sent === false ? 'not sent' : 'lost';
}
