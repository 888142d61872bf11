/**
 * All that the author of a provider needs: where the manager gets images, networks and volumes from. Start with {@link ImageProvider},
 * {@link NetworkProvider} or {@link VolumeProvider}; `@virtkit/providers-local` has one of each for a single host.
 *
 * The manager guards them as it guards a driver: a provider may fail or hang and must not lie.
 *
 * @packageDocumentation
 */
export type {
  ImageKind,
  ImageProvider,
  ImageQuery,
  ImageRecord,
  ImageViewer,
  NewImage,
  NewImageKind,
} from './image-provider.js';
export type {
  InterfaceAttachment,
  NetworkAllocation,
  NetworkCheck,
  NetworkProvider,
  NetworkRequest,
} from './network-provider.js';
export type {
  InstanceBuild,
  NewVolumeSnapshot,
  Volume,
  VolumeAttachment,
  VolumeConnection,
  VolumeHolder,
  VolumePlace,
  VolumeProvider,
  VolumeReservation,
  VolumeSnapshotPlace,
  VolumeViewer,
} from './volume-provider.js';

export type { CallOptions, Leader } from './call-options.js';
export { checkedValue, ComputeError, isComputeError } from '../driver/index.js';
export type {
  BlockDeviceSource,
  ConfigurationSchema,
  Image,
  NetworkInterface,
  SchemaIssue,
  SchemaResult,
  SnapshotTarget,
  VolumeConnector,
} from '../driver/index.js';
