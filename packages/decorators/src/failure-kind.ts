import { attempt, type Reporting } from './attempt.js';
import type { Call } from './call.js';
import type { FailureKind } from './services.js';

/** The kind of a failure. One that cannot be told is an ordinary failure: nothing is left out on its account. */
export async function failureKind(call: Call<Reporting>, failure: unknown): Promise<FailureKind> {
  let kind: FailureKind = 'failure';
  await attempt(call, 'telling the kind of the failure', () => {
    kind = call.services.failures.kindOf(failure);
  });
  return kind;
}
