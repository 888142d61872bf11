import { vmStates, type VmState } from '../vm-state.js';
import { endsAndMoves } from './ends-and-moves.js';
import { usualOperation, type Operation } from './operation.js';

const everyVmStateBut = (...excepted: readonly VmState[]): readonly VmState[] =>
  vmStates.filter((state) => !excepted.includes(state));

/** From the making of an instance to its end. Rows follow Nova's (`nova/compute/api.py`). */
export const lifecycleOperations = {
  build: {
    ...usualOperation,
    action: 'create',
    notification: 'create',
    verb: 'build',
    method: 'buildAndRunInstance',
    nova: ['build_and_run_instance', '_do_build_and_run_instance'],
    capability: null,
    driverCalls: [{ 'with volumes': ['getVolumeConnector'], 'without volumes': [] }, 'spawn'],
    vmStates: ['building'],
    overTaskStates: ['scheduling'],
    taskStates: ['scheduling', 'networking', 'block_device_mapping', 'spawning'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    afterFailure: 'destroy',
    claims: 'flavor',
    recovery: 'finish-or-give-up',
  },
  terminate: {
    ...usualOperation,
    action: 'delete',
    notification: 'delete',
    verb: 'delete',
    method: 'terminateInstance',
    nova: ['terminate_instance'],
    capability: null,
    driverCalls: [
      'destroy',
      {
        'on no move': [],
        'on an open move, at its other end': ['destroy', 'deleteInstanceFiles', 'getVolumeConnector'],
      },
    ],
    vmStates: everyVmStateBut('deleted'),
    overTaskStates: 'any',
    taskStates: ['deleting'],
    goal: { vmState: 'deleted', powerState: 'NOSTATE' },
  },
  softDelete: {
    ...usualOperation,
    action: 'delete',
    notification: 'soft_delete',
    verb: 'delete',
    method: 'softDeleteInstance',
    nova: ['soft_delete_instance'],
    capability: 'power',
    driverCalls: [{ 'the driver hides guests': ['softDelete'], 'it does not': ['powerOff'] }],
    // The rest has no guest here to come back to, or a second disk that only its own end or a delete removes.
    vmStates: ['active', 'paused', 'stopped', 'suspended', 'shelved', 'error'],
    overTaskStates: 'any',
    spares: endsAndMoves,
    taskStates: ['soft-deleting'],
    goal: { vmState: 'soft-delete', powerState: 'as-seen' },
    failedVmState: 'unchanged',
    recovery: 'redo',
  },
  restore: {
    ...usualOperation,
    action: 'restore',
    notification: 'restore',
    verb: 'restore',
    method: 'restoreInstance',
    nova: ['restore_instance'],
    capability: 'power',
    driverCalls: [
      { 'with volumes': ['getVolumeConnector'], 'without volumes': [] },
      { 'the driver hides guests': ['restore'], 'it does not, or there is no guest': ['powerOn'] },
    ],
    vmStates: ['soft-delete'],
    taskStates: ['restoring'],
    goal: { vmState: 'active', powerState: 'RUNNING' },
    failedVmState: 'unchanged',
  },
} as const satisfies Record<string, Operation>;
