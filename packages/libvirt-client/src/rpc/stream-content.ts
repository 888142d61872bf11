import { StorageVolDownloadFlags, StorageVolUploadFlags } from '../constants/enumerations.gen.js';
import type { AnyProcedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';

export type StreamContent = 'dense' | 'sparse';

const sparseFlags: ReadonlyMap<AnyProcedure, number> = new Map<AnyProcedure, number>([
  [remote.storageVolUpload, StorageVolUploadFlags.VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM],
  [remote.storageVolDownload, StorageVolDownloadFlags.VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM],
]);

/** `sparse`: the call asks for a stream in which either side may send the length of a hole instead of its zeros. */
export function streamContentOf(procedure: AnyProcedure, args: unknown): StreamContent {
  const sparseFlag = sparseFlags.get(procedure);
  if (sparseFlag === undefined) return 'dense';
  const { flags = 0 } = args as { readonly flags?: number };
  return (flags & sparseFlag) === 0 ? 'dense' : 'sparse';
}
