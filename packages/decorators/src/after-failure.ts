import { attempt, type Reporting, type Thrown } from './attempt.js';
import type { Advice, Call } from './call.js';
import type { EntityKind } from './entity.js';
import type { DecoratorServices, Recorded } from './services.js';

/** Advice that records a failure on its way out. The very value that was thrown goes on to the caller. */
export function afterFailure<Service extends keyof DecoratorServices, Takes extends readonly EntityKind[]>(
  during: string,
  record: (call: Call<Service | Reporting, Takes>, failure: unknown) => Recorded,
): Advice<Call<Service | Reporting, Takes>> {
  return { failed: (call, failure) => recordFailure(call, during, failure, () => record(call, failure)) };
}

/** The first failure wins: what goes wrong while it is recorded is logged and joined to it. */
export async function recordFailure(
  call: Call<Reporting>,
  during: string,
  failure: unknown,
  recorder: () => Recorded,
): Promise<void> {
  const secondary = await attempt(call, during, recorder, { value: failure });
  if (secondary !== undefined) await attach(call, during, failure, secondary);
}

/** Attaches a recorder's failure to the first one, where the class has a way to. */
export async function attach(
  call: Call<Reporting>,
  during: string,
  failure: unknown,
  secondary: Thrown,
): Promise<void> {
  await attempt(call, `attaching the failure of ${during}`, () =>
    call.services.failures.suppress?.(failure, secondary.value, during),
  );
}
