import { join } from 'node:path';
import { ComputeError, type Volume, type VolumeAttachment } from '@virtkit/core/providers';
import { z } from 'zod';
import { DamagedRecord, readRecord, RECORD_BYTES_MAX } from '../directory/read-record.js';

export const volumeRecordName = 'volume.json';

const snapshot = z.strictObject({
  snapshotId: z.string(),
  /**
   * `begun`: the guest may or may not write to its file yet. `standing`: it does. `merging`: it may or may not still, and its content may be
   * in the file beneath.
   */
  state: z.enum(['begun', 'standing', 'merging']),
});

const storedVolume = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  projectId: z.string(),
  /** What a guest is promised to see. The file follows: see `DiskFile.grow`. */
  sizeMib: z.int().positive(),
  format: z.enum(['qcow2', 'raw']),
  attachment: z
    .strictObject({
      instanceUuid: z.string(),
      // Left out in records that were made before instances had builds and reservations had names.
      buildUuid: z.string().optional(),
      reservationId: z.string().optional(),
      hosts: z.array(z.string()),
    })
    .nullable(),
  /** The latest reservations that have ended, the last one last. Left out: none is known. */
  endedReservations: z.array(z.string()).optional(),
  /** Each over the one before; the first over the disk itself. */
  snapshots: z.array(snapshot),
  createdAtMs: z.number(),
});

/** A volume as its record has it, on disk and in memory. */
export type StoredVolume = z.output<typeof storedVolume>;
export type StoredAttachment = NonNullable<StoredVolume['attachment']>;
export type StoredSnapshot = z.output<typeof snapshot>;

/** Half a record never appears; one that cannot be read was changed by somebody else. @throws ComputeError `STORE_UNAVAILABLE` */
export async function readStoredVolume(folder: string, id: string): Promise<StoredVolume> {
  const path = join(folder, volumeRecordName);
  try {
    const volume = await readRecord(path, { schema: storedVolume, bytesMax: RECORD_BYTES_MAX });
    if (volume.id !== id) throw new DamagedRecord(`it is of volume ${volume.id}`);
    return volume;
  } catch (cause) {
    if (!(cause instanceof DamagedRecord)) throw cause;
    const operator = { message: `the record of a volume cannot be read: ${cause.message}`, path };
    throw new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator, effect: 'none' });
  }
}

export function storedVolumeText(volume: StoredVolume): string {
  return `${JSON.stringify(volume, undefined, 2)}\n`;
}

/** What the port shows of it. */
export function volumeOf({ id, name, projectId, sizeMib, attachment }: StoredVolume): Volume {
  return Object.freeze({ id, name, projectId, sizeMib, attachment: attachment && shown(attachment) });
}

function shown({ instanceUuid, buildUuid, reservationId, hosts }: StoredAttachment): VolumeAttachment {
  return Object.freeze({
    instanceUuid,
    ...(buildUuid !== undefined && { buildUuid }),
    ...(reservationId !== undefined && { reservationId }),
    hosts: Object.freeze([...hosts]),
  });
}
