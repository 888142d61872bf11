import type { Clock } from '@virtkit/core/driver';
import { systemClock } from '@virtkit/core/driver';
import { LocalImages, type LocalImagesOptions } from '@virtkit/providers-local';
import type { NewImage } from '@virtkit/core/providers';
import type { TemporaryDirectory } from './temporary-directory.js';

export const imageId = '0b0f3b4e-3a55-4c65-9d0a-2f0c0c8f0001';
export const otherImageId = '0b0f3b4e-3a55-4c65-9d0a-2f0c0c8f0002';
export const instanceUuid = '11111111-2222-4333-8444-555555555555';
export const viewer = { projectId: 'acme' };

export async function openImages(
  directory: TemporaryDirectory,
  options: Partial<LocalImagesOptions> = {},
): Promise<LocalImages> {
  return await LocalImages.open({ directory: directory.at('store'), isInUse: async () => false, ...options });
}

export function newImage(overrides: Partial<NewImage> = {}): NewImage {
  return {
    imageId,
    name: 'web-1 before the upgrade',
    kind: 'snapshot',
    instanceUuid,
    projectId: 'acme',
    format: 'raw',
    minDiskGib: 1,
    minMemoryMib: 64,
    properties: { base_image_ref: 'debian-12' },
    ...overrides,
  };
}

export async function* chunked(bytes: Uint8Array, chunkBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

/** A clock that stands still until it is told otherwise. */
export class StillClock implements Clock {
  nowMs = 1_000;
  readonly monotonicMs = () => this.nowMs;
  readonly after = systemClock.after;
  readonly sleep = systemClock.sleep;

  now(): number {
    return this.nowMs;
  }
}
