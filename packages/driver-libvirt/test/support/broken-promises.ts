import type { TenantAction } from '@virtkit/core';
import type { RealHost } from './real-host.js';
import { admin, HOST_NAME, tenant, type RealCompute } from './real-compute.js';

export interface FailedStart {
  readonly host: RealHost;
  readonly real: RealCompute;
  readonly instanceUuid: string;
  readonly action: TenantAction;
  /** Words of the host that the operator must find, and the tenant must not. */
  readonly hostWords: readonly RegExp[];
}

/** The promises of the design (§1) that a start which failed on a real host has broken, a sentence each. */
export async function brokenPromises({
  host,
  real,
  instanceUuid,
  action,
  hostWords,
}: FailedStart): Promise<readonly string[]> {
  const { api, operator } = real.compute;
  const events = await operator.listEvents(admin, action.uuid);
  const faults = (await operator.listFaults(admin, instanceUuid)).filter(
    ({ actionUuid }) => actionUuid === action.uuid,
  );
  const all = await operator.listNotifications(admin, { afterSequence: 0, instanceUuid, countMax: 1_000 });
  const notifications = all.filter(({ occurredAtMs }) => occurredAtMs >= action.acceptedAtMs);
  const instance = await operator.getInstance(admin, instanceUuid);

  const tenantReads = JSON.stringify([
    action,
    await api.get(tenant, instanceUuid),
    await api.listFaults(tenant, instanceUuid),
    await api.listActions(tenant, instanceUuid),
    events.map(({ failure }) => failure),
    all.map(({ payload }) => payload),
  ]);
  const operatorReads = JSON.stringify([faults, real.logLines]);
  const hidden = [HOST_NAME, host.directory, host.daemon.socketPath, 'libvirt', 'qemu', ...hostWords];
  const count = (eventType: string): number => notifications.filter((each) => each.eventType === eventType).length;

  const guests = await runningGuests(host, instanceUuid);
  const promises: readonly (readonly [holds: boolean, promise: string])[] = [
    [action.state === 'failed' || action.state === 'unknown', `the action ended as ${action.state}`],
    ...hidden.map((word) => [!matches(tenantReads, word), `a tenant reads ${String(word)}`] as const),
    ...hostWords.map((word) => [word.test(operatorReads), `the operator cannot find ${String(word)}`] as const),
    [instance.taskState === null && instance.taskOwner === null, `the task state is left at ${instance.taskState}`],
    [instance.vmState === 'error', `the vm state is ${instance.vmState}`],
    [faults.length === 1, `there are ${faults.length} faults`],
    [faults[0]?.code === action.failure?.code, `the fault says ${faults[0]?.code}, the action ${action.failure?.code}`],
    [events.length === 1 && events[0]?.result === 'Error', 'there is not one closed event with Error'],
    [count('compute.exception') === 1, `there are ${count('compute.exception')} exception notifications`],
    [guests.length === 0, `guests run: ${guests.join(', ')}`],
  ];
  return promises.filter(([holds]) => !holds).map(([, promise]) => promise);
}

function matches(text: string, word: string | RegExp): boolean {
  return typeof word === 'string' ? text.includes(word) : word.test(text);
}

/** The instance's guest, if it runs; nothing while libvirtd is gone. */
async function runningGuests(host: RealHost, instanceUuid: string): Promise<readonly string[]> {
  const uuids = await host.virsh('list', '--uuid').catch(() => '');
  return uuids.split('\n').filter((uuid) => uuid === instanceUuid);
}
