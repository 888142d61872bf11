import { ruleGroups } from '../rules/all-rules.js';
import { applicableRules, missingTroubles, unprovenRules } from './applicable-rules.js';
import type { DriverUnderTest } from './driver-under-test.js';
import { proveRule } from './prove-rule.js';
import type { Rule } from './rule.js';
import type { TestRunner } from './test-runner.js';

/**
 * Defines one test for each rule of the driver contract that applies to a driver. The names of the tests are the rules, so
 * the report is the contract.
 *
 *     driverConformance({ describe, it }, { createDriver: (environment) => new MyDriver(environment), … });
 *
 * A rule is left out only for a reason the subject gives: an ability it does not declare (the manager refuses those), or a
 * trouble declared unprovable ({@link unprovenRules} lists those). Never for the driver's name. A trouble that is merely
 * missing fails the rules that need it.
 */
export function driverConformance({ describe, it }: TestRunner, subject: DriverUnderTest): void {
  const applicable = new Set(applicableRules(subject));
  const unproven = new Set(unprovenRules(subject).map(({ rule }) => rule));
  for (const [group, rules] of Object.entries(ruleGroups)) {
    const defined = rules.filter((rule) => applicable.has(rule) && !unproven.has(rule.name));
    if (defined.length === 0) continue;
    describe(group, () => {
      for (const rule of defined) it(rule.name, () => proveOrTellWhy(rule, subject));
    });
  }
}

async function proveOrTellWhy(rule: Rule, subject: DriverUnderTest): Promise<void> {
  const missing = missingTroubles(rule, subject);
  if (missing.length > 0) {
    const names = missing.join(', ');
    throw new Error(`Not proven: troubles.${names} is missing. Give it, or declare it with { unprovenBecause: … }.`);
  }
  await proveRule(rule, subject);
}
