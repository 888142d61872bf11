import {
  capabilityMethods,
  powerStates,
  type ImageProblem,
  type MigrationProblem,
  type NotSupportedReason,
  type RecordKind,
  type StartProblem,
  type Unsupported,
  type VolumeProblem,
} from '../driver/index.js';
import { actionStates } from '../model/instance-action.js';
import { taskStates } from '../model/task-state.js';
import { vmStates } from '../model/vm-state.js';
import { isAcceptedValue } from './accepted-values.js';

const startProblems: Readonly<Record<StartProblem, true>> = {
  disk: true,
  'changed disks': true,
  image: true,
  kernel: true,
  memory: true,
  'saved memory': true,
  network: true,
  console: true,
  device: true,
  firmware: true,
  machine: true,
  virtualization: true,
  unspecified: true,
};

const imageProblems: Readonly<Record<ImageProblem, true>> = {
  empty: true,
  format: true,
  damaged: true,
  checksum: true,
  'not active': true,
  'outside the image directories': true,
  'too large': true,
  'backing file': true,
};

const volumeProblems: Readonly<Record<VolumeProblem, true>> = {
  'in use': true,
  'not attached': true,
  'cannot be connected': true,
  'cannot be resized': true,
};

const migrationProblems: Readonly<Record<MigrationProblem, true>> = {
  cpu: true,
  storage: true,
  network: true,
  device: true,
  'same host': true,
  busy: true,
  unspecified: true,
};

const unsupportedReasons: Readonly<Record<NotSupportedReason, true>> = {
  'the driver of this host cannot do it': true,
  'this guest cannot do it': true,
  'no provider of images is configured': true,
  'no provider of networks is configured': true,
  'no provider of volumes is configured': true,
  'the host offers no VNC consoles': true,
  'this host does not let guests reach its own network': true,
  'this driver has only the root disk yet': true,
};

const recordKinds: Readonly<Record<RecordKind, true>> = {
  instance: true,
  action: true,
  event: true,
  fault: true,
  migration: true,
  notification: true,
  host: true,
  session: true,
  'console token': true,
};

/** Whether a text is one of a closed set. */
type Words = (text: string) => boolean;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const isUuid: Words = (text) => uuid.test(text);

const oneOf = (...sets: readonly (readonly string[])[]): Words => {
  const words = new Set(sets.flat());
  return (text) => words.has(text);
};
const keyOf = (record: object): Words => oneOf(Object.keys(record));

const isState = oneOf(vmStates, taskStates, Object.keys(powerStates), ['none']);
const isActionState = oneOf(actionStates);

/** Why a driver says that it lacks an ability, in words that its tenants may read. */
export function unsupportedReason(declared: true | Unsupported | undefined): NotSupportedReason {
  const words = typeof declared === 'object' ? declared.unsupportedBecause : '';
  return isUnsupportedReason(words) ? words : 'the driver of this host cannot do it';
}

function isUnsupportedReason(words: unknown): words is NotSupportedReason {
  return typeof words === 'string' && Object.hasOwn(unsupportedReasons, words);
}

/** The details of errors whose words are from a closed set, as `CODE.detail`. A driver, a provider or a store says nothing else there. */
export const closedDetails: Readonly<Record<string, Words | undefined>> = {
  'GUEST_START_FAILED.reason': keyOf(startProblems),
  'IMAGE_UNACCEPTABLE.reason': keyOf(imageProblems),
  'VOLUME_UNAVAILABLE.reason': keyOf(volumeProblems),
  'MIGRATION_REFUSED.reason': keyOf(migrationProblems),
  'NOT_SUPPORTED.reason': keyOf(unsupportedReasons),
  'NOT_SUPPORTED.capability': oneOf(Object.keys(capabilityMethods), [
    'images',
    'networks',
    'volumes',
    'user-mode networks',
    'encrypted volumes',
  ]),
  'FLAVOR_TOO_SMALL.resource': oneOf(['disk', 'memory']),
  'INSUFFICIENT_RESOURCES.resource': oneOf(['memory', 'disk', 'vcpus', 'ports']),
  'HOST_DISABLED.mode': oneOf(['disabled', 'maintenance']),
  'INSTANCE_INVALID_STATE.attribute': oneOf(['vm state', 'task state', 'power state']),
  'INSTANCE_INVALID_STATE.actual': isState,
  'INSTANCE_INVALID_STATE.accepted': isState,
  'UNEXPECTED_TASK_STATE.actual': (text) => isState(text.replace(/, held by another action$/, '')),
  'UNEXPECTED_TASK_STATE.expected': isState,
  'UNEXPECTED_ACTION_STATE.actual': (text) =>
    isActionState(text.replace(/, of another worker$/, '')) || /^behind action [\w-]{1,64}$/.test(text),
  'UNEXPECTED_ACTION_STATE.expected': (text) =>
    isActionState(text) || text === 'the only action of its instance that runs',
  'CONSOLE_UNAVAILABLE.console': oneOf(['running', 'vnc', 'spice', 'serial', 'mks', 'console log']),
  'RECORD_DAMAGED.record': keyOf(recordKinds),
  'INTERNAL.correlationId': isUuid,
  'INVALID_INPUT.accepted': isAcceptedValue,
};
