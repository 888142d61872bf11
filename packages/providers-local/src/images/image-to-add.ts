import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { folderId } from '../directory/folder-id.js';

const name = z.string('1 to 255 characters').min(1, '1 to 255 characters').max(255, '1 to 255 characters');
const uuid = z.string('a lower-case uuid').regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case uuid');
const count = z.int('a whole number, at least 0').min(0, 'a whole number, at least 0');
/** With them a record must stay one that is read again: see `RECORD_BYTES_MAX`. */
const PROPERTIES_BYTES_MAX = 262_144;
const properties = z
  .record(z.string(), z.string('text'), 'an object of texts')
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= PROPERTIES_BYTES_MAX,
    `at most ${PROPERTIES_BYTES_MAX} bytes of JSON`,
  );
const diskFormat = z.enum(['qcow2', 'raw'], 'qcow2 or raw');
const kinds = z.enum(['snapshot', 'backup', 'shelved'], 'snapshot, backup or shelved');

const sha256 = z
  .string('a SHA-256 as 64 lower-case hex digits')
  .regex(/^[0-9a-f]{64}$/, 'a SHA-256 as 64 lower-case hex digits')
  .optional();
const stream = z.custom<AsyncIterable<Uint8Array>>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  'a stream of bytes',
);
const file = z.string('an absolute path').refine(isAbsolute, 'an absolute path');

/** Where bytes come from: a file, which is copied, or a stream. With `sha256`, nothing else than these bytes is taken. */
const source = z.union([z.strictObject({ file, sha256 }), z.strictObject({ stream, sha256 })], 'a file or a stream');

export type ImageSource = z.output<typeof source>;

/** What `LocalImages.addImage` takes. */
export const imageToAdd = z
  .strictObject({
    /** Left out: a new uuid. */
    id: folderId.optional(),
    name,
    /** `public`: every project sees it. */
    visibility: z.enum(['public', 'private'], 'public or private').default('public'),
    /** Whose it is. A private image is somebody's. */
    projectId: name.optional(),
    disk: source.optional(),
    /** What the disk must be; it is never guessed. */
    diskFormat: diskFormat.optional(),
    kernel: source.optional(),
    ramdisk: source.optional(),
    kernelCommandLine: z.string('text').max(2048, 'at most 2048 characters').optional(),
    minDiskGib: count.default(0),
    minMemoryMib: count.default(0),
    properties: properties.default({}),
  })
  .superRefine((image, context) => {
    const demand = (isFine: boolean, field: string, message: string): void => {
      if (!isFine) context.addIssue({ code: 'custom', path: [field], message, input: image });
    };
    const { disk, kernel } = image;
    demand(disk !== undefined || kernel !== undefined, 'disk', 'a disk, a kernel, or both');
    demand(disk === undefined || image.diskFormat !== undefined, 'diskFormat', 'qcow2 or raw');
    demand(kernel !== undefined || image.ramdisk === undefined, 'ramdisk', 'nothing without a kernel');
    demand(
      kernel !== undefined || image.kernelCommandLine === undefined,
      'kernelCommandLine',
      'nothing without a kernel',
    );
    demand(image.visibility === 'public' || image.projectId !== undefined, 'projectId', 'whose image it is');
  });

export type ImageToAdd = z.input<typeof imageToAdd>;

/** What `beginImage` takes; also how the request is kept until the image is finished. */
export const newImage = z.object({
  imageId: uuid,
  name,
  kind: kinds,
  instanceUuid: uuid,
  projectId: name,
  format: diskFormat,
  minDiskGib: count,
  minMemoryMib: count,
  properties,
});
