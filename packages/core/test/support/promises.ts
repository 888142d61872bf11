import { computeErrors, type TenantAction } from '@virtkit/core';
import { admin, tenant, type FakeCompute } from './fake-compute.js';

/** Words that only a host knows. None of them may reach a tenant. */
const canaries = ['node-17.internal', '/var/lib/virt/secret-path', '10.1.2.3:16509', 'token-4f9c', 'libvirtd said'];

/** An error as a hypervisor, a disk or a socket throws it. */
export function foreignError(): Error {
  return new Error(`libvirtd said: cannot open ${canaries[1]} on ${canaries[0]} (${canaries[2]}, ${canaries[3]})`);
}

export interface SettledOperation {
  /** The manager that led it, with the hypervisor where the instance is now. */
  readonly fake: Pick<FakeCompute, 'compute' | 'store' | 'hypervisor' | 'logLines'>;
  readonly instanceUuid: string;
  readonly action: TenantAction;
  /** Whether what was planned carried the canaries, so that an operator must find them. */
  readonly planted: 'canaries' | 'nothing';
  /** Writes that the store was planned to lose for good: their records may be missing, but not without a word in the log. */
  readonly lostWrites: 'some' | 'none';
}

/** The promises of the design (§1) that a settled operation has broken, a sentence each. Empty is good. */
export async function brokenPromises(operation: SettledOperation): Promise<readonly string[]> {
  const broken: string[] = [];
  const claim = claiming(broken);
  await checkTenantText(operation, claim);
  await checkStates(operation, claim);
  await checkRecords(operation, claim);
  await checkOperatorText(operation, claim);
  return broken;
}

let claims = 0;

/** How many claims were checked in this process so far. */
export function claimCount(): number {
  return claims;
}

export type Claim = (holds: boolean, promise: string) => void;

/** Counts what is claimed, and keeps what does not hold. */
export function claiming(broken: string[]): Claim {
  return (holds, promise) => {
    claims += 1;
    if (!holds) broken.push(promise);
  };
}

async function checkTenantText({ fake, instanceUuid, action }: SettledOperation, claim: Claim): Promise<void> {
  const { api, operator } = fake.compute;
  const events = await operator.listEvents(admin, action.uuid);
  const notifications = await operator.listNotifications(admin, { afterSequence: 0, instanceUuid, countMax: 1_000 });
  const readable = JSON.stringify([
    action,
    (await api.list(tenant)).filter(({ uuid }) => uuid === instanceUuid),
    await ignoringGone(() => api.listFaults(tenant, instanceUuid)),
    await ignoringGone(() => api.listActions(tenant, instanceUuid)),
    events.map(({ failure }) => failure),
    notifications.map(({ payload }) => payload),
  ]);
  for (const canary of canaries) claim(!readable.includes(canary), `a tenant reads ${canary}`);
  claim(
    action.failure === null || Object.hasOwn(computeErrors, action.failure.code),
    `the failure has a code outside the table: ${action.failure?.code}`,
  );
}

async function checkStates({ fake, instanceUuid, action }: SettledOperation, claim: Claim): Promise<void> {
  const instance = await fake.store.getInstance(instanceUuid);
  claim(instance.taskState === null, `the task state is left at ${instance.taskState}`);
  claim(instance.taskOwner === null, `the task state is left with ${instance.taskOwner}`);
  claim(action.finishedAtMs !== null, 'the action is not finished');
  const { guest, vifs, disks, savedMemory } = fake.hypervisor.look(instanceUuid);
  const state = guest?.state;
  const isOff = state !== 'running' && state !== 'paused';
  const truth: Record<string, boolean> = {
    active: state === 'running',
    paused: state === 'paused',
    stopped: isOff && savedMemory === 'absent',
    suspended: isOff && savedMemory === 'present',
    error: state !== 'running',
    rescued: state === 'running' && guest?.bootsFrom === 'rescue-image',
    resized: guest !== undefined,
    shelved: isOff,
    shelved_offloaded: state === undefined && disks.length === 0,
    'soft-delete': isOff,
    deleted: state === undefined,
  };
  claim(
    truth[instance.vmState] ?? false,
    `the vm state is ${instance.vmState} while the guest is ${state ?? 'absent'}`,
  );
  claim(!isOff || vifs.length === 0, `a guest that is ${state ?? 'absent'} has left vifs behind`);
  claim(
    state !== undefined || action.operation !== 'build' || disks.length === 0,
    'an absent guest has left disks behind',
  );
}

async function checkRecords({ fake, instanceUuid, action, lostWrites }: SettledOperation, claim: Claim): Promise<void> {
  const { operator } = fake.compute;
  const failed = action.state !== 'succeeded';
  const faults = (await operator.listFaults(admin, instanceUuid)).filter(
    ({ actionUuid }) => actionUuid === action.uuid,
  );
  const events = await operator.listEvents(admin, action.uuid);
  const all = await operator.listNotifications(admin, { afterSequence: 0, instanceUuid, countMax: 1_000 });
  const notifications = all.filter(({ requestId }) => requestId === action.requestId);
  const count = (ending: string): number => notifications.filter(({ eventType }) => eventType.endsWith(ending)).length;

  const recorded: readonly (readonly [found: number, wanted: number, what: string])[] = [
    [faults.length, failed ? 1 : 0, 'faults'],
    [events.filter(({ result }) => result === (failed ? 'Error' : 'Success')).length, 1, 'closed events'],
    [count('compute.exception'), failed ? 1 : 0, 'exception notifications'],
    [count('.end') + count('.error'), count('.start'), 'terminal notifications'],
    [failed ? count('.end') : count('.error'), 0, 'terminal notifications of the other kind'],
  ];
  for (const [found, wanted, what] of recorded) {
    const missedAloud =
      lostWrites === 'some' &&
      Math.abs(found - wanted) === 1 &&
      fake.logLines.some((line) => line.includes('"level":50'));
    claim(found === wanted || missedAloud, `${found} ${what} instead of ${wanted}`);
  }
  claim(events.every(({ finishedAtMs }) => finishedAtMs !== null) || lostWrites === 'some', 'an event is left open');
  const [fault] = faults;
  claim(
    !fault || fault.code === action.failure?.code,
    `the fault says ${fault?.code}, the action ${action.failure?.code}`,
  );
}

async function checkOperatorText(
  { fake, instanceUuid, action, planted }: SettledOperation,
  claim: Claim,
): Promise<void> {
  if (planted === 'nothing' || action.state === 'succeeded') return;
  const faults = JSON.stringify(await fake.compute.operator.listFaults(admin, instanceUuid)) + fake.logLines.join('');
  claim(faults.includes(canaries[0] ?? ''), 'the operator cannot find the words of the host');
}

async function ignoringGone(read: () => Promise<unknown>): Promise<unknown> {
  try {
    return await read();
  } catch {
    return 'gone';
  }
}
