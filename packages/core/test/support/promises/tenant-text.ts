import { computeErrors } from '@virtkit/core';
import type { Claim } from './claim.js';
import type { Happened } from './happened.js';

/** Words that only a host knows. None of them may reach a tenant. */
const canaries = ['node-17.internal', '/var/lib/virt/secret-path', '10.1.2.3:16509', 'token-4f9c', 'libvirtd said'];

/** An error as a hypervisor, a disk or a socket throws it. */
export function foreignError(): Error {
  return new Error(`libvirtd said: cannot open ${canaries[1]} on ${canaries[0]} (${canaries[2]}, ${canaries[3]})`);
}

/** A tenant reads none of a host's words, whatever the tenant asks for, and no code that is not in the table. */
export async function tenantText({ store, instanceUuid, readable }: Happened, claim: Claim): Promise<void> {
  const actions = await store.listActions(instanceUuid);
  const events = await Promise.all(actions.map(({ uuid }) => store.listEvents(uuid)));
  const notifications = await store.listNotifications({ afterSequence: 0, instanceUuid, countMax: 1_000 });
  const text = JSON.stringify([
    await readable?.(),
    actions.map(({ failure, result, progress }) => [failure, result, progress]),
    (await store.listFaults(instanceUuid)).map(({ code, message }) => [code, message]),
    events.flat().map(({ failure }) => failure),
    notifications.map(({ payload }) => payload),
  ]);
  for (const canary of canaries) claim(!text.includes(canary), `a tenant reads ${canary}`);
  for (const { failure } of actions) {
    const isKnown = failure === null || Object.hasOwn(computeErrors, failure.code);
    claim(isKnown, `the failure has a code outside the table: ${failure?.code}`);
  }
}

/** What a host has said stands where an operator looks for it. */
export async function operatorText(happened: Happened, claim: Claim): Promise<void> {
  const { store, instanceUuid, actionUuid, planted, logLines } = happened;
  if (planted === 'nothing' || actionUuid === undefined) return;
  if ((await store.getAction(actionUuid)).state === 'succeeded') return;
  const text = JSON.stringify(await store.listFaults(instanceUuid)) + logLines.join('');
  claim(text.includes(canaries[0] ?? ''), 'the operator cannot find the words of the host');
}
