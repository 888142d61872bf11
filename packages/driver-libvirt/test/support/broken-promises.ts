import type { TenantAction } from '@virtkit/core';
import { brokenOf } from '../../../core/test/support/promises/promise-list.js';
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

/** The promises that a start which failed on a real host has broken, a sentence each: the list of all operations, and what this host shows. */
export async function brokenPromises(start: FailedStart): Promise<readonly string[]> {
  const { real, instanceUuid, action } = start;
  const { api, operator } = real.compute;
  const readable = async (): Promise<unknown> => [
    action,
    await api.get(tenant, instanceUuid),
    await api.listFaults(tenant, instanceUuid),
    await api.listActions(tenant, instanceUuid),
  ];
  const broken = await brokenOf(
    {
      ...{ store: real.store, instanceUuid, logLines: real.logLines, readable },
      actionUuid: action.uuid,
      planted: 'nothing',
      lostWrites: 'none',
    },
    {
      'the record says what the guest is': 'the guest of a real host is looked at below',
      'record, providers and guest agree': 'there are no providers',
      'what was acknowledged is kept, and nothing of a tenant is lost': 'nobody dies here',
      'the instance is in one place': 'there is one host',
    },
  );
  const instance = await operator.getInstance(admin, instanceUuid);
  const guests = await runningGuests(start.host, instanceUuid);
  const promises: readonly (readonly [holds: boolean, promise: string])[] = [
    [action.state === 'failed' || action.state === 'unknown', `the action ended as ${action.state}`],
    [instance.vmState === 'error', `the vm state is ${instance.vmState}`],
    [guests.length === 0, `guests run: ${guests.join(', ')}`],
    ...(await wordsOfHost(start, await readable())),
  ];
  return [...broken, ...promises.filter(([holds]) => !holds).map(([, promise]) => promise)];
}

/** What a real host calls itself and says is for operators: they find it, and tenants do not. */
async function wordsOfHost({ host, real, instanceUuid, hostWords }: FailedStart, readable: unknown) {
  const { store } = real;
  const faults = await store.listFaults(instanceUuid);
  const notifications = await store.listNotifications({ afterSequence: 0, instanceUuid, countMax: 1_000 });
  const tenantReads = JSON.stringify([readable, notifications.map(({ payload }) => payload)]);
  const operatorReads = JSON.stringify([faults, real.logLines]);
  const hidden = [HOST_NAME, host.directory, host.daemon.socketPath, 'libvirt', 'qemu', ...hostWords];
  return [
    ...hidden.map((word) => [!matches(tenantReads, word), `a tenant reads ${String(word)}`] as const),
    ...hostWords.map((word) => [word.test(operatorReads), `the operator cannot find ${String(word)}`] as const),
  ];
}

function matches(text: string, word: string | RegExp): boolean {
  return typeof word === 'string' ? text.includes(word) : word.test(text);
}

/** The instance's guest, if it runs; nothing while libvirtd is gone. */
async function runningGuests(host: RealHost, instanceUuid: string): Promise<readonly string[]> {
  const uuids = await host.virsh('list', '--uuid').catch(() => '');
  return uuids.split('\n').filter((uuid) => uuid === instanceUuid);
}
