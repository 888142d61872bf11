import { z } from 'zod';
import type { Clock, DriverLog } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import type { HostPeers } from '../peers/host-peers.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import type { AccessPolicy } from '../requests/access-policy.js';
import type { Placement } from '../requests/placement.js';
import type { ComputeStore } from '../store/compute-store.js';

/** The parts that a service and a host both stand on. All processes of a fleet are given the same store and the same providers. */
export interface SharedOptions {
  /** Default: in memory. It may serve several processes, and is closed by whoever opened it. */
  readonly store?: ComputeStore;
  /** Where images are; without one, requests name their images' files, and nothing that makes an image is supported. */
  readonly images?: ImageProvider;
  /** Where network interfaces come from; without one, requests describe them. */
  readonly networks?: NetworkProvider;
  /** Where volumes come from; without one there are none. */
  readonly volumes?: VolumeProvider;
  /** How other hosts are reached. Default: there are none. Those of one process are given the same `InProcessPeers`. */
  readonly peers?: HostPeers;
  /**
   * Decides where new instances go. Default: with a host in this process, to that host; without one, `SpreadPlacement` over all hosts that have
   * described themselves.
   */
  readonly placement?: Placement;
  /** Decides who may do what. Default: `rolePolicy`, which goes by the role of the caller. */
  readonly accessPolicy?: AccessPolicy;
  /** When a call to a provider is aborted, in milliseconds. A provider that hashes images as it is asked needs minutes. */
  readonly providerTimeoutsMs?: ProviderTimeouts;
  /** Default: pino, to standard output. */
  readonly log?: DriverLog;
  /** Default: the machine's time. */
  readonly clock?: Clock;
}

export interface ProviderTimeouts {
  /** Default 600,000. */
  readonly images?: number;
  /** Default 180,000. */
  readonly networks?: number;
  /** Default 180,000. */
  readonly volumes?: number;
}

export const duration = z.number('milliseconds, 1 or more').min(1, 'milliseconds, 1 or more');
export const processName = z
  .string('1 to 255 characters')
  .min(1, '1 to 255 characters')
  .max(255, '1 to 255 characters');

/** What is not plain data: looked at by those that use it. */
const part = z.custom<object>((value) => typeof value === 'object' && value !== null, 'an object').optional();

export const sharedFields = {
  store: part,
  images: part,
  networks: part,
  volumes: part,
  peers: part,
  placement: part,
  accessPolicy: part,
  log: part,
  clock: part,
  providerTimeoutsMs: knownFields({
    images: duration.default(600_000),
    networks: duration.default(180_000),
    volumes: duration.default(180_000),
  }).prefault({}),
};

export interface CheckedShared {
  readonly providerTimeoutsMs: Required<ProviderTimeouts>;
}
