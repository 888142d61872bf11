import { z } from 'zod';
import { limitedCommand, type LimitedCommandOptions } from './limited-command.js';

export type DiskFormat = 'qcow2' | 'raw';

/** What the head of an image says of it. */
export interface ImageHead {
  readonly virtualSizeBytes: number;
  /** Names other files that QEMU would open together with it. */
  readonly refersToOtherFiles: boolean;
}

const info = z.object({
  'virtual-size': z.int().nonnegative(),
  'backing-filename': z.string().optional(),
  'format-specific': z.object({ data: z.looseObject({ 'data-file': z.string().optional() }).optional() }).optional(),
});

/** Reads the head of an image as the format it is recorded to have; the file is never asked what it is. */
export async function readImageHead(
  path: string,
  format: DiskFormat,
  options: LimitedCommandOptions,
): Promise<ImageHead> {
  // Forced sharing: the image may be the base of running guests.
  const output = await limitedCommand('qemu-img', ['info', '--output=json', '-U', '-f', format, path], options);
  const head = info.parse(JSON.parse(output));
  const backing = head['backing-filename'];
  const data = head['format-specific']?.data?.['data-file'];
  return { virtualSizeBytes: head['virtual-size'], refersToOtherFiles: backing !== undefined || data !== undefined };
}

export interface OverlayBase {
  readonly path: string;
  readonly format: DiskFormat;
}

/** Creates a qcow2 disk, empty or over a base whose format goes into its header. An existing file is overwritten. */
export async function createQcow2(
  path: string,
  sizeBytes: number,
  base: OverlayBase | undefined,
  options: LimitedCommandOptions,
): Promise<void> {
  const over = base === undefined ? [] : ['-b', base.path, '-F', base.format];
  await limitedCommand('qemu-img', ['create', '-q', '-f', 'qcow2', ...over, path, String(sizeBytes)], options);
}
