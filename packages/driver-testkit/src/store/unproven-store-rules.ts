import type { UnprovenRule } from '../suite/applicable-rules.js';
import { allStoreRules } from './rules/all-store-rules.js';
import type { StoreTroubleName, StoreUnderTest } from './store-under-test.js';

/**
 * What the suite does not prove of a store: the rules whose trouble its author declared unprovable. A store's tests should assert
 * this list, so that it does not grow unseen.
 */
export function unprovenStoreRules(subject: StoreUnderTest): readonly UnprovenRule[] {
  return allStoreRules.flatMap(({ name, troubles = [] }) => {
    const reasons = troubles.flatMap((trouble) => reasonAgainst(trouble, subject) ?? []);
    return reasons.length > 0 ? [{ rule: name, because: [...new Set(reasons)].join('; ') }] : [];
  });
}

function reasonAgainst(name: StoreTroubleName, { troubles }: StoreUnderTest): string | undefined {
  const trouble = troubles[name];
  return typeof trouble === 'object' ? trouble.unprovenBecause : undefined;
}
