import type { ImageProblem, MigrationProblem, StartProblem, VolumeProblem } from '../driver/index.js';

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

/** The details of errors whose words are from a closed set, as `CODE.detail`. */
export const closedDetails: Readonly<Record<string, readonly string[] | undefined>> = {
  'GUEST_START_FAILED.reason': Object.keys(startProblems),
  'IMAGE_UNACCEPTABLE.reason': Object.keys(imageProblems),
  'VOLUME_UNAVAILABLE.reason': Object.keys(volumeProblems),
  'MIGRATION_REFUSED.reason': Object.keys(migrationProblems),
  'FLAVOR_TOO_SMALL.resource': ['disk', 'memory'],
  'INSUFFICIENT_RESOURCES.resource': ['memory', 'disk', 'vcpus', 'ports'],
  'HOST_DISABLED.mode': ['disabled', 'maintenance'],
  'INSTANCE_INVALID_STATE.attribute': ['vm state', 'task state', 'power state'],
  'CONSOLE_UNAVAILABLE.console': ['running', 'vnc', 'spice', 'serial', 'mks', 'console log'],
};
