import type { ImageCacheAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';

export function imageCache({ calls, connection, settings }: AbilityParts): ImageCacheAbility {
  return {
    cacheImage: ({ image }, options = {}) =>
      calls.changeHost('cacheImage', options, (callOptions) => connection.images.keep(image.id, callOptions)),

    manageImageCache: ({ imageIdsInUse }, options = {}) =>
      calls.changeHost('manageImageCache', options, async (callOptions, changed) => {
        const needed = new Set(imageIdsInUse);
        for (const { imageId, ageMs } of await connection.images.list(callOptions)) {
          if (needed.has(imageId) || ageMs < settings.imageCacheAgeMinMs) continue;
          await connection.images.drop(imageId, callOptions);
          changed();
        }
      }),
  };
}
