import { Secret } from '../driver/index.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import {
  isAmount,
  isText,
  isWhole,
  listOf,
  nullOr,
  oneOf,
  optional,
  shape,
  type AnswerCheck,
  type AnswerTable,
} from './answer-shapes.js';

/** Ids and names that tenants read are as long as those of requests. */
const isName: AnswerCheck = (value) => isText(value) && value.length > 0 && value.length <= 255;
const isTitle: AnswerCheck = (value) => isText(value) && value.length <= 255;
const isPath: AnswerCheck = (value) => isText(value) && value.startsWith('/') && value.length <= 4_096;
const isLabels: AnswerCheck = (value) =>
  shape({})(value) && Object.entries(value as object).every(([name, label]) => isName(name) && isText(label));

const macAddress = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
const isMacAddress: AnswerCheck = (value) => isText(value) && macAddress.test(value);

const isImage = shape({
  id: isName,
  name: isTitle,
  diskFormat: oneOf('qcow2', 'raw'),
  minDiskGib: isAmount,
  minMemoryMib: isAmount,
  location: shape({
    disk: optional(isPath),
    kernel: optional(isPath),
    ramdisk: optional(isPath),
    kernelCommandLine: optional(isText),
  }),
  properties: isLabels,
});

const isImageRecord = shape({
  id: isName,
  name: isTitle,
  kind: oneOf('base', 'snapshot', 'backup', 'shelved'),
  visibility: oneOf('public', 'private'),
  projectId: nullOr(isName),
  instanceUuid: nullOr(isName),
  diskFormat: oneOf('qcow2', 'raw'),
  sizeBytes: isAmount,
  virtualSizeBytes: isAmount,
  minDiskGib: isAmount,
  minMemoryMib: isAmount,
  properties: isLabels,
  createdAtMs: isAmount,
});

const isInterface: AnswerCheck = (value) =>
  shape({
    id: isName,
    macAddress: isMacAddress,
    mtuBytes: optional(isWhole),
    status: oneOf('active', 'down'),
    type: oneOf('bridge', 'network', 'user'),
  })(value) && placeOf((value as { readonly type: string }).type)(value);

function placeOf(type: string): AnswerCheck {
  if (type === 'bridge') return shape({ bridge: isName });
  return type === 'network' ? shape({ network: isName }) : () => true;
}

const isVolume = shape({
  id: isName,
  name: isTitle,
  projectId: isName,
  sizeMib: isAmount,
  attachment: nullOr(shape({ instanceUuid: isName, hosts: listOf(isName) })),
});

const isFile = shape({
  type: oneOf('file'),
  path: isPath,
  format: oneOf('qcow2', 'raw'),
  passphrase: optional((value) => value instanceof Secret),
});
const isHostDevice = shape({ type: oneOf('host-device'), path: isPath });
const isSource: AnswerCheck = (value) => isFile(value) || isHostDevice(value);

const isSnapshotPlace = shape({ snapshotId: isName, volumeId: isName, path: isPath, format: oneOf('qcow2') });

const images: AnswerTable<ImageProvider> = {
  getImage: isImage,
  listImages: listOf(isImageRecord),
  listUnfinishedImages: listOf(isName),
  beginImage: shape({ imageId: isName, path: isPath, format: oneOf('qcow2', 'raw') }),
  finishImage: isImageRecord,
};

const networks: AnswerTable<NetworkProvider> = {
  allocate: listOf(isInterface),
  attach: isInterface,
  moveTo: listOf(isInterface),
  interfacesOf: listOf(isInterface),
};

const volumes: AnswerTable<VolumeProvider> = {
  getVolume: isVolume,
  volumesOf: listOf(isVolume),
  connect: isSource,
  extend: isAmount,
  beginSnapshot: isSnapshotPlace,
  beginSnapshotDeletion: optional(isSnapshotPlace),
};

/** What the providers of each port answer with, as their contract has it. */
export const providerAnswers = { images, networks, volumes } as const;

export type ProviderPort = keyof typeof providerAnswers;
