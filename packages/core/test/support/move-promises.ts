import type { TenantAction } from '@virtkit/core';
import { admin } from './fake-compute.js';
import { instanceUuid, type TwoHosts } from './two-hosts.js';

/** Longer than whatever is set aside waits before the ends are asked again. */
const PATIENCE_MS = 120_000;

/** The promises that a move has broken that has settled, a sentence each. Empty is good. */
export async function brokenMovePromises(hosts: TwoHosts, action: TenantAction): Promise<readonly string[]> {
  await hosts.clock.advance(PATIENCE_MS);
  const broken: string[] = [];
  const claim = (holds: boolean, promise: string): void => {
    if (!holds) broken.push(promise);
  };
  const instance = await hosts.record();
  const [migration] = await hosts.store.listMigrations({ instanceUuid });
  const runsOn = hosts.datacenter.hostsRunning(instanceUuid);
  const told = `${action.state} ${action.failure?.code ?? ''}, ${instance.vmState} on ${instance.host}, ${migration?.status}`;

  claim(action.finishedAtMs !== null, 'the action is not finished');
  claim(instance.taskState === null && instance.taskOwner === null, `the task state is left at ${instance.taskState}`);
  claim(runsOn.length <= 1, `the guest runs on ${runsOn.join(' and ')}`);
  claim(instance.vmState !== 'error', `the instance is in error (${told})`);
  claim(runsOn[0] === instance.host, `the guest runs on ${runsOn[0]} (${told})`);
  const isOpen = migration?.status === 'finished';
  claim(isOpen === (instance.vmState === 'resized'), `the move does not agree (${told})`);
  claim(
    !['accepted', 'preparing', 'running', 'confirming', 'reverting'].includes(migration?.status ?? ''),
    `open: ${told}`,
  );

  const kept = isOpen && migration ? migration.sourceHost : undefined;
  for (const host of ['alpha', 'beta'] as const) {
    const expected = [
      ...(instance.host === host ? ['guest running', 'disk', 'vif'] : []),
      ...(kept === host ? ['kept disk'] : []),
    ];
    const left = hosts.leftOn(host);
    claim(JSON.stringify(left) === JSON.stringify(expected), `${host} holds ${left.join(', ')} (${told})`);
    const { used } = await hosts[host].compute.operator.hostUsage(admin);
    const wanted =
      (instance.host === host ? instance.flavor.memoryMib : 0) +
      (kept === host ? (migration?.oldFlavor.memoryMib ?? 0) : 0);
    claim(used.memoryMib === wanted, `${host} counts ${used.memoryMib} MiB instead of ${wanted} (${told})`);
  }
  return broken;
}
