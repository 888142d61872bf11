import { chmod, open } from 'node:fs/promises';
import { CommandError } from '../errors/command-error.js';
import { qcow2HeaderOf } from '../disk-format/qcow2-header-of.js';
import type { DiskFormat } from '../disk-format/inspect-disk.js';
import { qemuImg, type QemuImgOptions } from './qemu-img.js';

const BYTES_PER_MIB = 1024 ** 2;

/** What a guest writes is its tenant's; libvirt hands the file to QEMU's user when the guest starts. */
const DISK_MODE = 0o600;

/** A disk in a file that this host made: its format is known and never guessed. */
export class DiskFile {
  readonly path: string;
  readonly format: DiskFormat;

  constructor(path: string, format: DiskFormat) {
    this.path = path;
    this.format = format;
  }

  /** Creates it, empty: it takes up room as it is written to. Afterwards it is on disk. */
  async create(sizeMib: number, options: QemuImgOptions): Promise<void> {
    const file = await open(this.path, 'wx', DISK_MODE);
    try {
      if (this.format === 'raw') await file.truncate(sizeMib * BYTES_PER_MIB);
      // It opens the file that is there, with the mode that it has.
      else await qemuImg(['create', '-q', '-f', 'qcow2', this.path, String(sizeMib * BYTES_PER_MIB)], options);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(this.path, DISK_MODE);
  }

  /**
   * Makes it at least so large. `'in use'`: a guest has it open, and only its QEMU may do that. Idempotent.
   * @throws CommandError
   */
  async grow(sizeMib: number, options: QemuImgOptions): Promise<'grown' | 'in use'> {
    const sizeBytes = sizeMib * BYTES_PER_MIB;
    if (this.format === 'raw') return await growRaw(this.path, sizeBytes);
    const header = await qcow2HeaderOf(this.path);
    if (header !== undefined && header.virtualSizeBytes >= sizeBytes) return 'grown';
    try {
      await qemuImg(['resize', '-q', '-f', 'qcow2', this.path, String(sizeBytes)], options);
      return 'grown';
    } catch (failure) {
      if (failure instanceof CommandError && /Failed to get "[a-z ]+" lock/u.test(failure.stderr)) return 'in use';
      throw failure;
    }
  }
}

/** More room at the end of a raw disk troubles nobody: a guest sees it when its QEMU is told. */
async function growRaw(path: string, sizeBytes: number): Promise<'grown'> {
  const file = await open(path, 'r+');
  try {
    if ((await file.stat()).size < sizeBytes) await file.truncate(sizeBytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return 'grown';
}
