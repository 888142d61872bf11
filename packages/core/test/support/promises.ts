import type { TenantAction } from '@virtkit/core';
import { tenant, type FakeCompute } from './fake-compute.js';
import type { MemoryProviders } from './memory-providers.js';
import type { Happened } from './promises/happened.js';
import { brokenOf, type NotHere } from './promises/promise-list.js';

export { claimCount, type Claim } from './promises/claim.js';
export { foreignError } from './promises/tenant-text.js';

export interface SettledOperation {
  /** The manager that led it, with the hypervisor where the instance is now. */
  readonly fake: Pick<FakeCompute, 'compute' | 'store' | 'hypervisor' | 'logLines'> &
    Partial<Pick<MemoryProviders, 'networks' | 'volumes'>>;
  readonly instanceUuid: string;
  readonly action: TenantAction;
  /** Whether what was planned carried the canaries, so that an operator must find them. */
  readonly planted: 'canaries' | 'nothing';
  /** Writes that the store was planned to lose for good: their records may be missing, but not without a word in the log. */
  readonly lostWrites: 'some' | 'none';
}

/** The promises that an operation has broken whose managers live, a sentence each. Empty is good. */
export async function brokenPromises(operation: SettledOperation, notHere: NotHere = {}): Promise<readonly string[]> {
  const { fake, action } = operation;
  const { networks, volumes } = fake;
  const state = action.finishedAtMs === null ? ['the action is not finished for who asked for it'] : [];
  const broken = await brokenOf(happenedTo(operation), {
    'what was acknowledged is kept, and nothing of a tenant is lost': 'nobody dies here',
    'the instance is in one place': 'there is one host',
    ...(networks && volumes ? {} : { 'record, providers and guest agree': 'there are no providers' }),
    ...notHere,
  });
  return [...state, ...broken];
}

function happenedTo({ fake, instanceUuid, action, planted, lostWrites }: SettledOperation): Happened {
  const { compute, store, hypervisor, logLines, networks, volumes } = fake;
  const { api } = compute;
  return {
    ...{ store, instanceUuid, hypervisor, logLines, planted, lostWrites },
    actionUuid: action.uuid,
    ...(networks && volumes && { providers: { networks, volumes } }),
    readable: async () => [
      action,
      (await api.list(tenant)).filter(({ uuid }) => uuid === instanceUuid),
      await ignoringGone(() => api.listFaults(tenant, instanceUuid)),
      await ignoringGone(() => api.listActions(tenant, instanceUuid)),
    ],
  };
}

async function ignoringGone(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch {
    return 'gone';
  }
}
