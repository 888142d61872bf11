import { claiming, type Claim } from './claim.js';
import { guestState } from './guest-state.js';
import type { Happened, Part } from './happened.js';
import { holdings } from './holdings.js';
import { nothingOpen } from './nothing-open.js';
import { operatorText, tenantText } from './tenant-text.js';
import { closedSteps, toldEnds } from './told-ends.js';

interface ListedPromise {
  /** What of the view it cannot do without. */
  readonly needs: readonly Part[];
  readonly check: (happened: Happened, claim: Claim) => Promise<void>;
}

/**
 * What holds when an operation is over, whatever happened to it: a fault of the driver, the store or a provider, a death, a pause, a
 * preempting operation, a migration. One list, so that nothing slips between several.
 */
const promises = {
  'a tenant reads no words of a host': { needs: [], check: tenantText },
  'an operator finds the words of the host': { needs: [], check: operatorText },
  'nothing is left open': { needs: [], check: nothingOpen },
  'every start has one end, every failure one fault, and one exception unless its caller is at fault': {
    needs: [],
    check: toldEnds,
  },
  'every step is closed as its action ended': { needs: [], check: closedSteps },
  'the record says what the guest is': { needs: ['hypervisor'], check: guestState },
  'record, providers and guest agree': { needs: ['hypervisor', 'providers'], check: holdings },
  'what was acknowledged is kept, and nothing of a tenant is lost': {
    needs: ['death'],
    check: async ({ death }, claim) => await death?.check(claim),
  },
  'the instance is in one place': { needs: ['places'], check: async ({ places }, claim) => await places?.check(claim) },
} as const satisfies Readonly<Record<string, ListedPromise>>;

type PromiseName = keyof typeof promises;

/** Why a promise cannot be looked at where a test stands. */
export type NotHere = Partial<Record<PromiseName, string>>;

/** The promises that are broken, a sentence each. Empty is good. One that cannot be looked at needs a reason. */
export async function brokenOf(happened: Happened, notHere: NotHere): Promise<readonly string[]> {
  const broken: string[] = [];
  const claim = claiming(broken);
  for (const name of Object.keys(promises) as PromiseName[]) {
    if (notHere[name] !== undefined) continue;
    const { needs, check }: ListedPromise = promises[name];
    const missing = needs.filter((part) => happened[part] === undefined);
    if (missing.length > 0) broken.push(`"${name}" is not looked at: ${missing.join()} is missing, without a reason`);
    else await check(happened, claim);
  }
  return broken;
}
