import type { OperationName, TaskState, VmState } from '@virtkit/core';
import type { DriverMethod } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { operations } from '../../src/model/operation-table.js';
import { endedAsPromised } from '../support/ended-as-promised.js';
import { askedOfDrivers } from '../support/asked-of-drivers.js';
import { admin, type FakeCompute } from '../support/fake-compute.js';
import { leaveBehind } from '../support/left-behind.js';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { instanceUuid, ownerContext, runningInstance } from '../support/running-instance.js';
import { storyOf } from '../support/stories/all-stories.js';

/** What a guest is when the process dies, and what has led there. */
const guests = {
  running: [],
  off: ['stop'],
  paused: ['pause'],
  suspended: ['suspend'],
  rescued: ['rescue'],
  shelved: ['shelve'],
  offloaded: ['shelve', 'shelveOffload'],
  crashed: ({ hypervisor }: ProvidedCompute) => hypervisor.crashGuest(instanceUuid),
  absent: ({ hypervisor }: ProvidedCompute) => hypervisor.loseGuest(instanceUuid),
} as const;

/** A row of Nova's `_init_instance`, in their order, with a letter where it has several cases. */
type Row = readonly [
  id: string,
  // The record as the dying process left it, and the guest's truth.
  vmState: VmState,
  operation: OperationName,
  taskState: TaskState,
  guest: keyof typeof guests,
  // What recovery made of it, how the action ended, and what was asked of the driver to get there.
  becomes: VmState,
  end: 'succeeded' | 'failed',
  asked: readonly DriverMethod[],
  // What Nova does, where that is something else.
  nova?: string,
];

const stuck = 'stuck until an administrator resets it';
const untouched = 'not looked at';
const inError = 'in error';
const kept = 'says nothing of the request';
const disks = 'its disks stay';

const rows: readonly Row[] = [
  ['I2b', 'soft-delete', 'terminate', 'deleting', 'off', 'deleted', 'succeeded', ['destroy'], untouched],
  ['I3b', 'error', 'hardReboot', 'reboot_started_hard', 'off', 'active', 'succeeded', ['reboot'], untouched],
  ['I3c', 'error', 'rescue', 'rescuing', 'off', 'rescued', 'succeeded', ['powerOff', 'rescue'], untouched],
  ['I3d', 'error', 'terminate', 'deleting', 'off', 'deleted', 'succeeded', ['destroy']],
  ['I5a', 'building', 'build', 'scheduling', 'absent', 'error', 'failed', ['destroy'], disks],
  ['I5b', 'building', 'build', 'networking', 'absent', 'error', 'failed', ['destroy'], disks],
  ['I5c', 'building', 'build', 'block_device_mapping', 'absent', 'error', 'failed', ['destroy'], disks],
  ['I5d', 'building', 'build', 'spawning', 'absent', 'error', 'failed', ['destroy'], disks],
  ['I5e', 'building', 'build', 'spawning', 'running', 'active', 'succeeded', [], inError],
  [
    'I5f',
    'shelved_offloaded',
    'unshelve',
    'spawning',
    'offloaded',
    'active',
    'succeeded',
    ['destroy', 'spawn'],
    inError,
  ],
  ['I6a', 'active', 'rebuild', 'rebuilding', 'running', 'active', 'failed', [], inError],
  ['I6b', 'active', 'rebuild', 'rebuild_block_device_mapping', 'running', 'active', 'failed', [], inError],
  ['I6c', 'active', 'rebuild', 'rebuild_spawning', 'off', 'error', 'failed', []],
  ['I6d', 'active', 'rebuild', 'rebuild_spawning', 'absent', 'error', 'failed', []],
  ['I6e', 'stopped', 'rebuild', 'rebuilding', 'off', 'stopped', 'failed', [], inError],
  ['I6f', 'stopped', 'rebuild', 'rebuild_spawning', 'absent', 'error', 'failed', []],
  ['I7a', 'active', 'snapshot', 'image_snapshot_pending', 'running', 'active', 'failed', [], kept],
  ['I7b', 'active', 'snapshot', 'image_snapshot', 'running', 'active', 'failed', [], kept],
  ['I7c', 'active', 'snapshot', 'image_pending_upload', 'running', 'active', 'failed', [], kept],
  ['I7d', 'stopped', 'snapshot', 'image_uploading', 'off', 'stopped', 'failed', [], kept],
  ['I8', 'active', 'resize', 'resize_prep', 'running', 'active', 'failed', [], kept],
  ['I9a', 'active', 'terminate', 'deleting', 'running', 'deleted', 'succeeded', ['destroy']],
  ['I9b', 'active', 'terminate', 'deleting', 'absent', 'deleted', 'succeeded', ['destroy']],
  ['I10a', 'active', 'softReboot', 'reboot_pending', 'running', 'active', 'succeeded', ['reboot']],
  ['I10b', 'active', 'softReboot', 'reboot_pending', 'off', 'active', 'succeeded', ['reboot']],
  ['I10c', 'active', 'hardReboot', 'reboot_pending_hard', 'running', 'active', 'succeeded', ['reboot']],
  ['I10d', 'stopped', 'hardReboot', 'reboot_pending_hard', 'off', 'active', 'succeeded', ['reboot']],
  ['I10e', 'paused', 'hardReboot', 'reboot_pending_hard', 'paused', 'active', 'succeeded', ['reboot']],
  ['I10f', 'suspended', 'hardReboot', 'reboot_pending_hard', 'suspended', 'active', 'succeeded', ['reboot']],
  ['I10g', 'error', 'hardReboot', 'reboot_pending_hard', 'off', 'active', 'succeeded', ['reboot']],
  ['I10h', 'active', 'softReboot', 'rebooting', 'off', 'active', 'succeeded', ['reboot']],
  ['I10i', 'active', 'softReboot', 'reboot_started', 'off', 'active', 'succeeded', ['reboot']],
  ['I10j', 'active', 'hardReboot', 'rebooting_hard', 'off', 'active', 'succeeded', ['reboot']],
  ['I10k', 'active', 'hardReboot', 'reboot_started_hard', 'crashed', 'active', 'succeeded', ['reboot']],
  [
    'I11a',
    'active',
    'softReboot',
    'rebooting',
    'running',
    'active',
    'succeeded',
    ['reboot'],
    'the guest that runs is taken for the new life',
  ],
  ['I11b', 'active', 'softReboot', 'reboot_started', 'running', 'active', 'succeeded', ['reboot'], 'the same'],
  ['I11c', 'active', 'hardReboot', 'rebooting_hard', 'running', 'active', 'succeeded', ['reboot'], 'the same'],
  ['I11d', 'active', 'hardReboot', 'reboot_started_hard', 'running', 'active', 'succeeded', ['reboot'], 'the same'],
  ['I11e', 'active', 'pause', 'pausing', 'running', 'paused', 'succeeded', ['pause'], 'active, the wish forgotten'],
  ['I11f', 'paused', 'unpause', 'unpausing', 'running', 'active', 'succeeded', []],
  ['I12', 'paused', 'unpause', 'unpausing', 'paused', 'active', 'succeeded', ['unpause']],
  ['I13a', 'active', 'stop', 'powering-off', 'running', 'stopped', 'succeeded', ['powerOff']],
  ['I13b', 'active', 'stop', 'powering-off', 'off', 'stopped', 'succeeded', [], 'stopped once more'],
  ['I14a', 'stopped', 'start', 'powering-on', 'off', 'active', 'succeeded', ['powerOn']],
  ['I14b', 'stopped', 'start', 'powering-on', 'running', 'active', 'succeeded', [], 'started once more'],
  ['I19a', 'active', 'backup', 'image_backup', 'running', 'active', 'failed', [], stuck],
  ['I19b', 'active', 'setAdminPassword', 'updating_password', 'running', 'active', 'failed', [], stuck],
  ['I19c', 'active', 'pause', 'pausing', 'paused', 'paused', 'succeeded', [], stuck],
  ['I19d', 'active', 'suspend', 'suspending', 'running', 'suspended', 'succeeded', ['suspend'], stuck],
  ['I19e', 'active', 'suspend', 'suspending', 'suspended', 'suspended', 'succeeded', [], stuck],
  ['I19f', 'suspended', 'resume', 'resuming', 'suspended', 'active', 'succeeded', ['resume'], stuck],
  ['I19g', 'suspended', 'resume', 'resuming', 'running', 'active', 'succeeded', [], stuck],
  ['I19h', 'active', 'rescue', 'rescuing', 'running', 'rescued', 'succeeded', ['powerOff', 'rescue'], stuck],
  ['I19i', 'active', 'rescue', 'rescuing', 'rescued', 'rescued', 'succeeded', [], stuck],
  ['I19j', 'rescued', 'unrescue', 'unrescuing', 'rescued', 'active', 'succeeded', ['unrescue'], stuck],
  ['I19k', 'rescued', 'unrescue', 'unrescuing', 'running', 'active', 'succeeded', [], stuck],
  ['I19l', 'active', 'softDelete', 'soft-deleting', 'running', 'soft-delete', 'succeeded', ['softDelete'], stuck],
  ['I19m', 'soft-delete', 'restore', 'restoring', 'off', 'active', 'succeeded', ['restore'], untouched],
  ['I19n', 'active', 'shelve', 'shelving', 'running', 'active', 'failed', [], stuck],
  ['I19o', 'active', 'shelve', 'shelving_image_pending_upload', 'off', 'stopped', 'failed', [], stuck],
  ['I19p', 'active', 'shelve', 'shelving_image_uploading', 'off', 'stopped', 'failed', [], stuck],
  [
    'I19q',
    'shelved',
    'shelveOffload',
    'shelving_offloading',
    'shelved',
    'shelved_offloaded',
    'succeeded',
    ['destroy'],
    stuck,
  ],
  ['I19r', 'shelved', 'unshelve', 'unshelving', 'shelved', 'active', 'succeeded', ['powerOn'], stuck],
  [
    'I19s',
    'shelved_offloaded',
    'unshelve',
    'unshelving',
    'offloaded',
    'active',
    'succeeded',
    ['destroy', 'spawn'],
    stuck,
  ],
];

function titleOf([id, vmState, , taskState, guest, becomes, end, , nova]: Row): string {
  const there = nova === undefined ? '' : ` (Nova: ${nova})`;
  return `${id}: ${vmState} in ${taskState}, over a guest that is ${guest}, becomes ${becomes}: ${end}${there}`;
}

/** Guests as an instance has them in a vm state; one in `error` may have any. */
const looks: Partial<Record<VmState, string | undefined>> = {
  active: 'running',
  rescued: 'running',
  paused: 'paused',
  stopped: 'shut-off',
  suspended: 'shut-off',
  'soft-delete': 'shut-off',
  deleted: undefined,
  shelved_offloaded: undefined,
};

async function leftBy([, vmState, operation, taskState, guest]: Row): Promise<ProvidedCompute> {
  const dead = await runningInstance();
  const led = guests[guest];
  if (typeof led === 'function') led(dead);
  else for (const story of led) await endedAsPromised(dead, storyOf(story).begin(dead, ownerContext()));
  await leaveBehind(dead, { operation, taskState, vmState });
  return dead;
}

describe('Nova’s acceptance cases: _init_instance', () => {
  it.each(rows.map((row) => [titleOf(row), row] as const))('%s', async (_title, row) => {
    const [, , operation, , , vmState, state, wanted] = row;
    const dead = await leftBy(row);
    const before = dead.hypervisor.look(instanceUuid).guest?.state;
    const asked = askedOfDrivers([dead.hypervisor]);

    await using fake = await dead.restarted();
    const { action, told } = await endOf(fake);

    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState, taskState: null, taskOwner: null });
    expect(action).toMatchObject({ state, failure: state === 'failed' ? { code: 'INTERRUPTED' } : null });
    expect(asked).toEqual(wanted);
    // Nothing is done to the guest of what is given up.
    expect(fake.hypervisor.look(instanceUuid).guest?.state).toBe(state === 'failed' ? before : looks[vmState]);
    const faults = await fake.store.listFaults(instanceUuid);
    expect(faults.map(({ code }) => code)).toEqual(state === 'failed' ? ['INTERRUPTED'] : []);
    const { notification } = operations[operation];
    expect(told).toContain(`instance.${notification}.${state === 'failed' ? 'error' : 'end'}`);
  });
});

/** The action when what is done again behind the start has had a minute. */
async function endOf({ store, clock, compute }: FakeCompute) {
  await clock.advance(60_000);
  const [action] = await store.listActions(instanceUuid);
  const all = await compute.operator.listNotifications(admin, { afterSequence: 0, instanceUuid, countMax: 1_000 });
  const told = all.filter(({ requestId }) => requestId === action?.requestId).map(({ eventType }) => eventType);
  return { action, told };
}
