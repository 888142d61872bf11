import { capabilityMethods, type Capability } from '@virtkit/core/driver';
import { allRules } from '../rules/all-rules.js';
import type { DriverUnderTest } from './driver-under-test.js';
import type { Rule } from './rule.js';
import type { TroubleName } from './troubles.js';

/** The rules that say something about this driver: those of abilities it does not declare are kept by the manager. */
export function applicableRules({ capabilities }: DriverUnderTest): readonly Rule[] {
  return allRules.filter(({ needs }) => needs.every((capability) => capabilities[capability] === true));
}

export interface UnprovenRule {
  readonly rule: string;
  readonly because: string;
}

/**
 * What the suite does not prove of a driver: rules whose trouble its author declared unprovable, and declared abilities for
 * which there are no rules. A driver's tests should assert this list, so that it does not grow unseen.
 */
export function unprovenRules(subject: DriverUnderTest): readonly UnprovenRule[] {
  const unprovable = applicableRules(subject).flatMap(({ name, troubles }) => {
    const reasons = troubles.flatMap((trouble) => reasonAgainst(trouble, subject) ?? []);
    return reasons.length > 0 ? [{ rule: name, because: reasons.join('; ') }] : [];
  });
  return [...unprovable, ...abilitiesWithoutRules(subject, allRules)];
}

/** The declared abilities that no rule needs. */
export function abilitiesWithoutRules(
  { capabilities }: Pick<DriverUnderTest, 'capabilities'>,
  rules: readonly Rule[],
): readonly UnprovenRule[] {
  const covered = new Set(rules.flatMap(({ needs }) => needs));
  return (Object.keys(capabilityMethods) as Capability[])
    .filter((capability) => capabilities[capability] === true && !covered.has(capability))
    .map((capability) => ({ rule: capability, because: 'the suite has no rules for this ability' }));
}

/** The troubles that a rule needs and that the subject neither gives nor declares unprovable. */
export function missingTroubles({ troubles }: Rule, subject: DriverUnderTest): readonly TroubleName[] {
  return troubles.filter((name) => subject.troubles[name] === undefined);
}

function reasonAgainst(name: TroubleName, { troubles }: DriverUnderTest): string | undefined {
  const trouble = troubles[name];
  return typeof trouble === 'object' ? trouble.unprovenBecause : undefined;
}
