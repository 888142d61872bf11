import type { BlockDevice } from '../driver/index.js';
import type { NewImageKind } from '../providers/image-provider.js';
import type { InstanceBlockDevice } from './instance-block-device.js';

/**
 * What an action is about to ask of a provider, or of the driver for a device, and records must know of. It is on record before the
 * request is sent, so that a killed or preempted action can be settled from its record alone.
 */
export type ActionStep =
  /** A volume is reserved, connected and given to the guest. */
  | {
      readonly step: 'get-volume';
      readonly volumeId: string;
      readonly reservationId: string;
      readonly bus: BlockDevice['bus'];
      readonly bootIndex?: number;
    }
  /** The guest lets go of a volume, and the volume is given back. */
  | {
      readonly step: 'give-volume-back';
      readonly volumeId: string;
      readonly reservationId?: string;
      /** Under which the instance reserves the volume anew when the operation fails. */
      readonly againReservationId?: string;
    }
  /** The guest is to write to `newVolumeId` instead of `volumeId`, which is given back then. */
  | {
      readonly step: 'swap-volume';
      readonly volumeId: string;
      readonly newVolumeId: string;
      readonly reservationId: string;
      /** Under which the instance reserves the old volume anew when the operation fails. */
      readonly againReservationId?: string;
      /** What replaces the old volume; `null` until the guest writes to it. */
      readonly replacement: InstanceBlockDevice | null;
      /** Which of the two the guest had when somebody looked last. Left out: nobody could tell. */
      readonly guestHas?: 'old' | 'new';
    }
  /** Interfaces are allocated or attached under a reservation, beside those that the instance has. */
  | { readonly step: 'get-interfaces'; readonly reservationId: string; readonly besides: readonly string[] }
  /** The guest lets go of an interface, and the interface is given back. */
  | { readonly step: 'give-interface-back'; readonly interfaceId: string }
  /** An image is begun, written and finished. */
  | { readonly step: 'make-image'; readonly imageId: string; readonly kind: NewImageKind }
  /** A snapshot of a volume is made; one that is not finished is taken back. */
  | { readonly step: 'make-volume-snapshot'; readonly volumeId: string; readonly snapshotId: string }
  /** A snapshot of a volume is merged. There is no way back. */
  | { readonly step: 'merge-volume-snapshot'; readonly volumeId: string; readonly snapshotId: string };
