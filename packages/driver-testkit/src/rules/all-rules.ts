import type { Rule } from '../suite/rule.js';
import { abortRules } from './abort-rules.js';
import { consoleRules } from './console-rules.js';
import { destroyRules } from './destroy-rules.js';
import { eventRules } from './event-rules.js';
import { foreignGuestRules } from './foreign-guest-rules.js';
import { hostResourceRules } from './host-resource-rules.js';
import { idempotenceRules } from './idempotence-rules.js';
import { lifeRules } from './life-rules.js';
import { overlapRules } from './overlap-rules.js';
import { pauseRules } from './pause-rules.js';
import { powerRules } from './power-rules.js';
import { readRules } from './read-rules.js';
import { rebootRules } from './reboot-rules.js';
import { spawnRules } from './spawn-rules.js';
import { startFailureRules } from './start-failure-rules.js';
import { suspendRules } from './suspend-rules.js';
import { unknownInstanceRules } from './unknown-instance-rules.js';
import { vifRules } from './vif-rules.js';

/** The contract, in the order in which a reader of the report wants it. */
export const ruleGroups: Readonly<Record<string, readonly Rule[]>> = {
  'life of a driver': lifeRules,
  spawn: spawnRules,
  'spawn and the network': vifRules,
  destroy: destroyRules,
  reads: readRules,
  power: powerRules,
  pause: pauseRules,
  suspend: suspendRules,
  reboot: rebootRules,
  'a start that fails': startFailureRules,
  'console output': consoleRules,
  'host resources': hostResourceRules,
  events: eventRules,
  'guests of others': foreignGuestRules,
  'calls that overlap': overlapRules,
  'unknown instances': unknownInstanceRules,
  'repeated calls': idempotenceRules,
  'aborted calls': abortRules,
};

export const allRules: readonly Rule[] = Object.values(ruleGroups).flat();
