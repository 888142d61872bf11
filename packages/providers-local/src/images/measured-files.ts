import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { writeDurably } from '../directory/durable-file.js';
import { openRegularFile } from '../directory/open-regular-file.js';
import { recordIn } from '../directory/read-record.js';

/** Beside the image's record. It may be removed at any time: then the files are measured again. */
const measuredName = 'measured.json';

/** More than a record of three files ever has. */
const BYTES_MAX = 4096;

/** Bits of a mode that let others write. */
const WRITABLE_BY_OTHERS = 0o022n;

const count = z.string().regex(/^[0-9]{1,20}$/);
const measuredFile = z.strictObject({
  device: count,
  inode: count,
  sizeBytes: count,
  mtimeNs: count,
  ctimeNs: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const measuredFiles = z.strictObject({
  version: z.literal(1),
  files: z.strictObject({
    disk: measuredFile.optional(),
    kernel: measuredFile.optional(),
    ramdisk: measuredFile.optional(),
  }),
});

/** Which file had which checksum when all of it was read. Numbers are texts: nanoseconds do not fit into a JavaScript number. */
export type MeasuredFile = z.output<typeof measuredFile>;
export type MeasuredFiles = z.output<typeof measuredFiles>['files'];

/** A file with this identity and checksum. Changing a file's content changes its ctime, which no program can set. */
export function measuredFileOf(stats: BigIntStats, sha256: string): MeasuredFile {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return {
    device: `${dev}`,
    inode: `${ino}`,
    sizeBytes: `${size}`,
    mtimeNs: `${mtimeNs}`,
    ctimeNs: `${ctimeNs}`,
    sha256,
  };
}

export function isSameFile(one: MeasuredFile | undefined, other: MeasuredFile): boolean {
  return one !== undefined && measuredFile.keyof().options.every((fact) => one[fact] === other[fact]);
}

/** Nothing, when the record is missing, damaged, too large, of another version, a link, or writable by other users: then the files are measured again. */
export async function readMeasuredFiles(folder: string): Promise<MeasuredFiles> {
  try {
    await using file = await openRegularFile(join(folder, measuredName));
    if (file === undefined) return {};
    const { mode, uid } = await file.stat({ bigint: true });
    const isOwn = process.getuid === undefined || Number(uid) === process.getuid();
    if (!isOwn || (mode & WRITABLE_BY_OTHERS) !== 0n) return {};
    return (await recordIn(file, { schema: measuredFiles, bytesMax: BYTES_MAX })).files;
  } catch {
    return {};
  }
}

/** Afterwards the record is on disk, for this process's user alone. */
export async function writeMeasuredFiles(folder: string, files: MeasuredFiles): Promise<void> {
  await writeDurably(join(folder, measuredName), `${JSON.stringify({ version: 1, files }, undefined, 2)}\n`);
}
