import type { Readable, Writable } from 'node:stream';
import { StorageVolDownloadFlags, StorageVolUploadFlags } from '../constants/enumerations.gen.js';
import type { CallOptions } from '../procedures/call-options.js';
import { readableOf, writableOf } from '../rpc/node-streams.js';
import { StorageVolumeCalls } from './storage-volume-calls.gen.js';

export interface VolumeStreamOptions {
  /** The first byte. Default 0. */
  readonly offset?: bigint;
  /** How many bytes. Default: to the end of the volume, or as many as are written. */
  readonly length?: bigint;
  /** `sparse`: holes are sent as their length only. The bytes are the same. Default `dense`. */
  readonly content?: 'dense' | 'sparse';
  /** Destroys the stream. */
  readonly signal?: AbortSignal;
}

/** A piece of storage in a pool: a disk image, a logical volume. The daemon goes by the `key`. */
export class StorageVolume extends StorageVolumeCalls {
  /** The volume's bytes. Holes of a sparse stream come as zeros. Destroying it before its end aborts the download. */
  createReadStream({ offset = 0n, length = 0n, content, signal }: VolumeStreamOptions = {}): Readable {
    const flags = content === 'sparse' ? StorageVolDownloadFlags.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM : 0;
    return readableOf(() => this.download(offset, length, flags, callOptions(signal)), signal);
  }

  /**
   * Writes into the volume. It has finished when the daemon has confirmed that it has every byte. With `sparse`, long
   * runs of zeros are sent as holes. Destroying it before leaves a part of the bytes in the volume.
   */
  createWriteStream({ offset = 0n, length = 0n, content = 'dense', signal }: VolumeStreamOptions = {}): Writable {
    const flags = content === 'sparse' ? StorageVolUploadFlags.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM : 0;
    return writableOf(() => this.upload(offset, length, flags, callOptions(signal)), content, signal);
  }
}

function callOptions(signal: AbortSignal | undefined): CallOptions | undefined {
  return signal === undefined ? undefined : { signal };
}
