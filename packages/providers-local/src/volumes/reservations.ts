import { ComputeError, type VolumeHolder, type VolumeReservation } from '@virtkit/core/providers';
import type { StoredAttachment, StoredVolume } from './stored-volume.js';
import { unavailableVolume } from './unavailable-volume.js';

/** More calls than one manager can have given up for one volume while they are still under way. */
const ENDED_COUNT_MAX = 64;

/**
 * The volume with the holder's reservation as its own.
 * @throws ComputeError `RESERVATION_ENDED`, `VOLUME_UNAVAILABLE` `in use`, `INSTANCE_EXISTS`
 */
export function reserved(volume: StoredVolume, holder: VolumeHolder): StoredVolume & { attachment: StoredAttachment } {
  const { instanceUuid, buildUuid, reservationId } = holder;
  const { attachment } = volume;
  if (reservationId !== undefined && volume.endedReservations?.includes(reservationId)) {
    throw new ComputeError('RESERVATION_ENDED', { reservationId });
  }
  if (attachment === null) {
    const named = {
      ...(buildUuid !== undefined && { buildUuid }),
      ...(reservationId !== undefined && { reservationId }),
    };
    return { ...volume, attachment: { instanceUuid, ...named, hosts: [] } };
  }
  if (attachment.instanceUuid !== instanceUuid) {
    throw unavailableVolume(volume.id, 'in use', `instance ${attachment.instanceUuid} has it`);
  }
  if (attachment.buildUuid !== buildUuid) throw new ComputeError('INSTANCE_EXISTS', { instanceUuid });
  if (reservationId === undefined || attachment.reservationId === reservationId) return { ...volume, attachment };
  return { ...ended(volume, attachment.reservationId), attachment: { ...attachment, reservationId } };
}

/** Whether the volume is held as a caller says. A caller that names no reservation means whichever its build has. */
export function isHeldBy({ attachment }: StoredVolume, holder: VolumeReservation): boolean {
  return (
    attachment !== null &&
    attachment.instanceUuid === holder.instanceUuid &&
    attachment.buildUuid === holder.buildUuid &&
    (holder.reservationId === undefined || holder.reservationId === attachment.reservationId)
  );
}

/** The volume without the reservation, which has ended whether it was ever made or not. The same volume: it had ended before. */
export function unreserved(volume: StoredVolume, holder: VolumeReservation): StoredVolume {
  const isHeld = isHeldBy(volume, holder);
  const without = isHeld ? { ...volume, attachment: null } : volume;
  return ended(without, holder.reservationId ?? (isHeld ? volume.attachment?.reservationId : undefined));
}

function ended(volume: StoredVolume, reservationId: string | undefined): StoredVolume {
  const known = volume.endedReservations ?? [];
  if (reservationId === undefined || known.includes(reservationId)) return volume;
  return { ...volume, endedReservations: [...known, reservationId].slice(-ENDED_COUNT_MAX) };
}
