import type { InstanceFault } from '@virtkit/core';
import { admin, type FakeCompute } from './fake-compute.js';

/** The arguments of failed calls, as operators are told of them. */
export async function argumentsTold({ compute }: FakeCompute): Promise<readonly unknown[]> {
  const all = await compute.operator.listNotifications(admin, { afterSequence: 0, countMax: 1_000 });
  return all.flatMap(({ operator }) => operator?.args ?? []);
}

/** What failed first of all, in its own words. */
export function innermost({ operator }: InstanceFault): string | undefined {
  return operator.failures.at(-1)?.message;
}
