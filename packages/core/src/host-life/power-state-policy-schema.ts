import { z } from 'zod';
import type { PowerState } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import {
  defaultPowerStateTable,
  powerStateReactions,
  waysBack,
  type PowerStateReaction,
  type PowerStateTable,
} from '../model/power-state-policy.js';
import { vmStates, type VmState } from '../model/vm-state.js';

/** One reaction for everything, or rows over the defaults. `enforce` for everything leaves the rows that cannot be enforced at their defaults. */
export type PowerStatePolicy = PowerStateReaction | PowerStateTable;

const ruled = vmStates.filter((vmState) => defaultPowerStateTable[vmState] !== undefined);

/** Only rows that exist, and of each only what can be done about it. */
const tableSchema = knownFields(
  Object.fromEntries(ruled.map((vmState) => [vmState, rowsOf(vmState).optional()])),
  `${powerStateReactions.join(', ')}, or an object with some of ${ruled.join(', ')}`,
);

export const powerStatePolicySchema = z
  .union([z.enum(powerStateReactions), tableSchema], {
    // Of a table that is wrong somewhere the inner problem says more than that it is none.
    error: (issue) => innerProblem(issue.errors) ?? `${powerStateReactions.join(', ')}, or a table of them`,
  })
  .default({})
  .transform((policy) => wholeTable(policy as PowerStatePolicy));

function rowsOf(vmState: VmState): z.ZodType {
  const powerStates = Object.keys(defaultPowerStateTable[vmState] ?? {}) as PowerState[];
  const row = (seen: PowerState): z.ZodType => {
    const accepted = powerStateReactions.filter((each) => each !== 'enforce' || waysBack[vmState]?.[seen]);
    const problem = `${accepted.join(' or ')} for ${vmState} seen ${seen}`;
    return z.enum(accepted, problem).optional();
  };
  return knownFields(
    Object.fromEntries(powerStates.map((seen) => [seen, row(seen)])),
    `for ${vmState} an object with some of ${powerStates.join(', ')}`,
  );
}

function innerProblem(errors: readonly (readonly { readonly message: string }[])[] = []): string | undefined {
  return errors.at(-1)?.[0]?.message;
}

function wholeTable(policy: PowerStatePolicy): PowerStateTable {
  const rows = ruled.map((vmState) => {
    const defaults = Object.entries(defaultPowerStateTable[vmState] ?? {}) as [PowerState, PowerStateReaction][];
    return [vmState, Object.fromEntries(defaults.map(([seen, usual]) => [seen, chosen(policy, vmState, seen, usual)]))];
  });
  return Object.fromEntries(rows) as PowerStateTable;
}

function chosen(
  policy: PowerStatePolicy,
  vmState: VmState,
  seen: PowerState,
  usual: PowerStateReaction,
): PowerStateReaction {
  if (typeof policy !== 'string') return policy[vmState]?.[seen] ?? usual;
  return policy === 'enforce' && !waysBack[vmState]?.[seen] ? usual : policy;
}
