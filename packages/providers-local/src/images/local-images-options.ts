import { isAbsolute } from 'node:path';
import type { Clock, DriverLog } from '@virtkit/core/driver';
import type { CallOptions } from '@virtkit/core/providers';
import { z } from 'zod';

const path = z.string('an absolute path of the host').refine(isAbsolute, 'an absolute path of the host');
const gib = z.int('a whole number, at least 1').min(1, 'a whole number, at least 1');

/** One image, where it lies. */
export interface ImageFolder {
  readonly imageId: string;
  readonly path: string;
}

/** Answers whether something on the host still reads the files of an image. When in doubt: `true`. */
export type ImageUse = (folder: ImageFolder, options: CallOptions) => Promise<boolean>;

/** What `LocalImages.open` takes. Checked before anything is read or made. */
export const localImagesOptions = z.strictObject({
  /** Where the images live; made unless it is there. Nobody else may write to it. */
  directory: path,
  /** Asked before the files of a deleted image are removed: see `overlaysIn`. */
  isInUse: z.custom<ImageUse>((value) => typeof value === 'function', 'a function, such as overlaysIn([…])'),
  /** The most that one file of an image may hold. */
  fileSizeGibMax: gib.default(64),
  /** The most that a guest may see of an image's disk. */
  virtualSizeGibMax: gib.default(2_048),
  log: z.custom<DriverLog>((value) => hasMethod(value, 'warn'), 'a logger').optional(),
  clock: z.custom<Clock>((value) => hasMethod(value, 'now'), 'a clock').optional(),
});

export type LocalImagesOptions = z.input<typeof localImagesOptions>;

function hasMethod(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'function';
}
