import type { StoreRule } from '../store-rule.js';
import { actionRules } from './action-rules.js';
import { argumentRules } from './argument-rules.js';
import { closeRules, durabilityRules } from './close-rules.js';
import { concurrencyRules } from './concurrency-rules.js';
import { guardRules } from './guard-rules.js';
import { historyRules } from './history-rules.js';
import { instanceListRules } from './instance-list-rules.js';
import { notificationRules } from './notification-rules.js';
import { refusalRules } from './refusal-rules.js';
import { sessionRules } from './session-rules.js';
import { unitRules } from './unit-rules.js';
import { valueRules } from './value-rules.js';

/** The contract, in the order in which a reader of the report wants it. */
export const storeRuleGroups: Readonly<Record<string, readonly StoreRule[]>> = {
  'units of changes': unitRules,
  'units that are refused': refusalRules,
  'arguments that are refused': argumentRules,
  guards: guardRules,
  actions: actionRules,
  sessions: sessionRules,
  'lists of instances': instanceListRules,
  'events, faults, migrations, hosts and console tokens': historyRules,
  notifications: notificationRules,
  'records as values': valueRules,
  'calls that overlap': concurrencyRules,
  close: closeRules,
  durability: durabilityRules,
};

export const allStoreRules: readonly StoreRule[] = Object.values(storeRuleGroups).flat();
