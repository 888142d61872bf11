import type { Capability } from '@virtkit/core/driver';
import type { TestBench } from './test-bench.js';
import type { TroubleName } from './troubles.js';

/** One sentence of the contract, and its proof. */
export interface Rule {
  /** The sentence. Unique: others filter by it. */
  readonly name: string;
  /** Abilities without which the sentence says nothing. */
  readonly needs: readonly Capability[];
  /** What the proof does to the host. */
  readonly troubles: readonly TroubleName[];
  /** Whether the driver is initialised before the proof begins. */
  readonly host: 'initialised' | 'new';
  readonly prove: (bench: TestBench) => Promise<void>;
}

export interface RuleParts<C extends Capability> {
  readonly name: string;
  readonly needs?: readonly C[];
  readonly troubles?: readonly TroubleName[];
  readonly host?: Rule['host'];
  readonly prove: (bench: TestBench<C>) => Promise<void>;
}

/** A rule, its driver typed by the abilities it needs. */
export function rule<C extends Capability = never>({
  needs = [],
  troubles = [],
  host = 'initialised',
  name,
  prove,
}: RuleParts<C>): Rule {
  return { name, needs, troubles, host, prove: prove };
}
