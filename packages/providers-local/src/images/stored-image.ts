import { join } from 'node:path';
import { ComputeError, type Image, type ImageRecord } from '@virtkit/core/providers';
import { z } from 'zod';
import { isMissing } from '../directory/is-missing.js';
import { DamagedRecord, readRecord, RECORD_BYTES_MAX } from '../directory/read-record.js';

/** The record of a finished image. That it is in a folder is what makes the image one. */
export const recordName = 'image.json';
/** The record of an image that is deleted, and whose files are still in use. */
export const deletedRecordName = 'deleted.json';

const size = z.int().nonnegative();
const fileFacts = z.strictObject({ sizeBytes: size, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

const storedImage = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  kind: z.enum(['base', 'snapshot', 'backup', 'shelved']),
  visibility: z.enum(['public', 'private']),
  projectId: z.string().nullable(),
  instanceUuid: z.string().nullable(),
  diskFormat: z.enum(['qcow2', 'raw']),
  virtualSizeBytes: size,
  files: z.strictObject({ disk: fileFacts.optional(), kernel: fileFacts.optional(), ramdisk: fileFacts.optional() }),
  kernelCommandLine: z.string().optional(),
  minDiskGib: size,
  minMemoryMib: size,
  properties: z.record(z.string(), z.string()),
  createdAtMs: z.number(),
});

/** An image as its record has it, on disk and in memory. */
export type StoredImage = z.output<typeof storedImage>;

/** Half a record never appears; a record that cannot be read was changed by somebody else. */
export async function readStoredImage(folder: string, imageId: string): Promise<StoredImage | undefined> {
  const path = join(folder, recordName);
  try {
    const image = await readRecord(path, { schema: storedImage, bytesMax: RECORD_BYTES_MAX });
    if (image.id !== imageId) throw new DamagedRecord(`it is of image ${image.id}`);
    return image;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (!(cause instanceof DamagedRecord)) throw cause;
    const operator = { message: `the record of the image cannot be read: ${cause.message}`, path };
    throw new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason: 'damaged' }, { cause, operator });
  }
}

export function storedImageText(image: StoredImage): string {
  return `${JSON.stringify(image, undefined, 2)}\n`;
}

/** What the port shows of it. */
export function imageRecordOf(stored: StoredImage): ImageRecord {
  const { id, name, kind, visibility, projectId, instanceUuid, diskFormat, virtualSizeBytes } = stored;
  const { minDiskGib, minMemoryMib, properties, createdAtMs } = stored;
  const sizes = Object.values(stored.files).map((file) => file?.sizeBytes ?? 0);
  const sizeBytes = sizes.reduce((total, each) => total + each, 0);
  const identity = { id, name, kind, visibility, projectId, instanceUuid, diskFormat, sizeBytes, virtualSizeBytes };
  return Object.freeze({ ...identity, minDiskGib, minMemoryMib, properties: Object.freeze(properties), createdAtMs });
}

/** What a driver makes guests from. */
const BYTES_PER_GIB = 1_073_741_824;

export function imageOf(stored: StoredImage, folder: string): Image {
  const { id, name, diskFormat, minMemoryMib, files, kernelCommandLine, properties } = stored;
  // Whatever was said of the image, its disk is no smaller than it is.
  const minDiskGib = Math.max(stored.minDiskGib, Math.ceil(stored.virtualSizeBytes / BYTES_PER_GIB));
  const location = {
    ...(files.disk === undefined ? {} : { disk: join(folder, 'disk') }),
    ...(files.kernel === undefined ? {} : { kernel: join(folder, 'kernel') }),
    ...(files.ramdisk === undefined ? {} : { ramdisk: join(folder, 'ramdisk') }),
    ...(kernelCommandLine === undefined ? {} : { kernelCommandLine }),
  };
  return Object.freeze({ id, name, diskFormat, minDiskGib, minMemoryMib, location, properties });
}
