import type { ActionStep } from '../../src/model/action-step.js';
import type { InstanceAction } from '../../src/model/instance-action.js';
import { instanceFromFields, newInstance } from '../../src/model/instance.js';
import type { AuditedInstance } from '../../src/host-life/provider-verdict.js';
import type { VolumeAttachment } from '@virtkit/core/providers';
import type { TaskState } from '../../src/model/task-state.js';

const volumeId = 'volume-1';
const source = { type: 'file', path: '/volumes/1.raw', format: 'raw' } as const;

interface Sample {
  /** The reservation of its volume; `null`: one without a name. Left out: it has no volume on record. */
  readonly device?: string | null;
  readonly vmState?: 'active' | 'deleted';
  readonly taskState?: TaskState;
  readonly host?: string | null;
  readonly migration?: AuditedInstance['migration'];
  /** Whether an action runs, waits, has open steps, or has failed to attach an interface. */
  readonly running?: boolean;
  readonly queued?: boolean;
  readonly steps?: boolean;
  readonly lost?: boolean;
  readonly pending?: boolean;
}

/** An instance of `host-1` with the interface `port-1`, and an action `ended` that has succeeded. */
export function sampleAudited(sample: Sample = {}): AuditedInstance {
  const { device, vmState = 'active', taskState = null, host = 'host-1', migration = 'none' } = sample;
  const named = device === null || device === undefined ? {} : { reservationId: device };
  const spec = {
    ...{
      uuid: 'instance-1',
      name: 'web-1',
      flavor: { name: 'small', vcpus: 1, memoryMib: 1, rootDiskGib: 1, extraSpecs: {} },
    },
    ...{ projectId: 'project-1', userId: 'user-1', metadata: {} },
    image: {
      id: 'image-1',
      name: 'debian',
      diskFormat: 'qcow2',
      location: {},
      properties: {},
      minDiskGib: 0,
      minMemoryMib: 0,
    } as const,
    networkInterfaces: [{ type: 'user', id: 'port-1', macAddress: '52:54:00:00:00:01', status: 'active' }] as const,
    blockDevices:
      device === undefined ? [] : [{ id: volumeId, source, bus: 'virtio', device: 'disk', ...named } as const],
    ...{ host, taskState, taskOwner: taskState && 'somebody' },
  };
  const pendingRelease = sample.pending ? [{ kind: 'image', imageId: 'image-2', sinceMs: 1 } as const] : [];
  const instance = instanceFromFields({ ...newInstance(spec, 1), vmState, pendingRelease });
  const step: ActionStep = { step: 'give-interface-back', interfaceId: 'port-3' };
  const actions = [
    sampleAction({ uuid: 'ended', state: 'succeeded', ...(sample.steps && { steps: [step] }) }),
    ...(sample.running ? [sampleAction({ uuid: 'running', state: 'running', finishedAtMs: null })] : []),
    ...(sample.queued ? [sampleAction({ uuid: 'queued', state: 'queued', finishedAtMs: null })] : []),
    ...(sample.lost ? [sampleAction({ uuid: 'lost', state: 'failed', operation: 'attachInterface' })] : []),
  ];
  return { instance, actions, migration, host: 'host-1' };
}

/** The volume of {@link sampleAudited} as its provider answers it. */
export function sampleVolume(attachment: Partial<VolumeAttachment>) {
  return { id: volumeId, attachment: { instanceUuid: 'instance-1', hosts: [], ...attachment } };
}

function sampleAction(fields: Partial<InstanceAction>): InstanceAction {
  return {
    ...{ uuid: 'action', instanceUuid: 'instance-1', name: 'attach_volume', operation: 'attachVolume' },
    ...{ parameters: {}, requestId: 'req-1', userId: 'user-1', projectId: 'project-1', idempotencyKey: null },
    ...{ priority: 'normal', state: 'succeeded', host: 'host-1', epoch: 1, acceptedAtMs: 1, startedAtMs: 1 },
    ...{ finishedAtMs: 2, deadlineAtMs: null, cancelRequestedAtMs: null, progress: null, result: null, failure: null },
    ...fields,
  };
}
