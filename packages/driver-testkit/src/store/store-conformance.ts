import type { TestRunner } from '../suite/test-runner.js';
import { proveStoreRule } from './prove-store-rule.js';
import { storeRuleGroups } from './rules/all-store-rules.js';
import type { StoreRule } from './store-rule.js';
import type { StoreUnderTest } from './store-under-test.js';
import { unprovenStoreRules } from './unproven-store-rules.js';

/**
 * Defines one test for each rule of the store's contract, `ComputeStore` in `@virtkit/core/store`. The names of the tests are the
 * rules, so the report is the contract.
 *
 *     storeConformance({ describe, it }, { createStore: ({ now }) => new MyStore({ now }), troubles: { … } });
 *
 * A rule is left out only when its trouble is declared unprovable; {@link unprovenStoreRules} lists those. A trouble that is merely
 * missing fails the rules that need it.
 */
export function storeConformance({ describe, it }: TestRunner, subject: StoreUnderTest): void {
  const unproven = new Set(unprovenStoreRules(subject).map(({ rule }) => rule));
  for (const [group, rules] of Object.entries(storeRuleGroups)) {
    const defined = rules.filter(({ name }) => !unproven.has(name));
    if (defined.length === 0) continue;
    describe(group, () => {
      for (const rule of defined) it(rule.name, () => proveOrTellWhy(rule, subject));
    });
  }
}

async function proveOrTellWhy(rule: StoreRule, subject: StoreUnderTest): Promise<void> {
  const missing = (rule.troubles ?? []).filter((name) => subject.troubles[name] === undefined);
  if (missing.length > 0) {
    const names = missing.join(', ');
    throw new Error(`Not proven: troubles.${names} is missing. Give it, or declare it with { unprovenBecause: … }.`);
  }
  await proveStoreRule(rule, subject);
}
