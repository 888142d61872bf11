import { ComputeError } from '@virtkit/core/providers';
import type { DiskRefusal } from '../disk-format/inspect-disk.js';

/** An image that is there and must not be used: the reason for everybody, what was found for operators. */
export function unacceptableImage(imageId: string, { reason, because }: DiskRefusal, path: string): ComputeError {
  return new ComputeError('IMAGE_UNACCEPTABLE', { imageId, reason }, { operator: { message: because, path } });
}
