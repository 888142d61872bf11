import {
  instanceFromFields,
  migrationFromFields,
  newInstance,
  type ConsoleToken,
  type HostRecord,
  type Instance,
  type InstanceAction,
  type InstanceActionEvent,
  type InstanceFault,
  type InstanceFields,
  type Migration,
  type MigrationFields,
  type NewNotification,
} from '@virtkit/core/store';

/** Any time; records say theirs themselves. */
const AT_MS = 1_600_000_000_000;

const flavor = { name: 'small', vcpus: 1, memoryMib: 512, rootDiskGib: 1, extraSpecs: {} };
const image = {
  id: 'debian-12',
  name: 'Debian 12',
  diskFormat: 'qcow2' as const,
  minDiskGib: 0,
  minMemoryMib: 0,
  location: { disk: '/images/debian-12.qcow2' },
  properties: {},
};

/** Records as a manager writes them, each with ids of its own, and with what the caller wants otherwise. */
export const sampleRecords = {
  instance(fields: Partial<InstanceFields> = {}): Instance {
    const spec = {
      uuid: newUuid(),
      name: 'web-1',
      projectId: 'acme',
      userId: 'ann',
      flavor,
      image,
      networkInterfaces: [],
      blockDevices: [],
      metadata: {},
      host: 'node-1',
      taskState: null,
      taskOwner: null,
    };
    return instanceFromFields({ ...newInstance(spec, AT_MS), ...fields });
  },

  action(fields: Partial<InstanceAction> = {}): InstanceAction {
    return {
      uuid: newUuid(),
      instanceUuid: newUuid(),
      name: 'start',
      operation: 'start',
      parameters: {},
      requestId: `req-${newUuid()}`,
      userId: 'ann',
      projectId: 'acme',
      idempotencyKey: null,
      priority: 'normal',
      state: 'queued',
      host: 'node-1',
      epoch: null,
      acceptedAtMs: AT_MS,
      startedAtMs: null,
      finishedAtMs: null,
      deadlineAtMs: null,
      cancelRequestedAtMs: null,
      progress: null,
      result: null,
      failure: null,
      ...fields,
    };
  },

  event(fields: Partial<InstanceActionEvent> = {}): InstanceActionEvent {
    return {
      id: newUuid(),
      actionUuid: newUuid(),
      instanceUuid: newUuid(),
      name: 'compute_reboot_instance',
      startedAtMs: AT_MS,
      finishedAtMs: null,
      result: null,
      failure: null,
      operator: { host: 'node-1', traceback: null },
      ...fields,
    };
  },

  fault(fields: Partial<InstanceFault> = {}): InstanceFault {
    const failure = { name: 'LibvirtError', message: 'no such file', facts: { libvirtCode: 38 }, suppressed: [] };
    return {
      uuid: newUuid(),
      instanceUuid: newUuid(),
      actionUuid: null,
      requestId: null,
      code: 'GUEST_START_FAILED',
      message: 'The instance could not be started.',
      occurredAtMs: AT_MS,
      operator: { host: 'node-1', failures: [failure] },
      ...fields,
    };
  },

  migration(fields: Partial<MigrationFields> = {}): Migration {
    return migrationFromFields({
      uuid: newUuid(),
      instanceUuid: newUuid(),
      actionUuid: null,
      kind: 'resize',
      status: 'accepted',
      sourceHost: 'node-1',
      destinationHost: 'node-2',
      oldFlavor: flavor,
      newFlavor: { ...flavor, name: 'large', memoryMib: 2048 },
      vmStateBefore: 'active',
      disks: null,
      data: null,
      createdAtMs: AT_MS,
      updatedAtMs: AT_MS,
      ...fields,
    });
  },

  host(fields: Partial<HostRecord> = {}): HostRecord {
    return { host: `node ${newUuid()}`, mode: 'disabled', ...fields };
  },

  consoleToken(fields: Partial<ConsoleToken> = {}): ConsoleToken {
    return {
      tokenHash: newUuid().replaceAll('-', ''),
      instanceUuid: newUuid(),
      consoleType: 'vnc',
      host: 'node-1',
      endpoint: { address: '127.0.0.1', port: 5900 },
      expiresAtMs: Number.MAX_SAFE_INTEGER,
      ...fields,
    };
  },

  notification(fields: Partial<NewNotification> = {}): NewNotification {
    return {
      id: newUuid(),
      eventType: 'instance.reboot.start',
      priority: 'INFO',
      publisher: 'compute:node-1',
      instanceUuid: newUuid(),
      requestId: `req-${newUuid()}`,
      occurredAtMs: AT_MS,
      payload: { vmState: 'active', taskState: null },
      operator: null,
      ...fields,
    };
  },
};

export type SampleRecords = typeof sampleRecords;

function newUuid(): string {
  return globalThis.crypto.randomUUID();
}
