import type { CallOptions } from '../call-options.js';
import type { Image } from '../image.js';

/** Images kept on the host so that the next spawn is quick. Nova: `cache_image`, `manage_image_cache`. */
export interface ImageCacheAbility {
  /** Idempotent. */
  cacheImage(request: CacheImageRequest, options?: CallOptions): Promise<'cached' | 'existing'>;
  /** Removes cached images that none of `imageIdsInUse` needs and that are old enough. */
  manageImageCache(request: ManageImageCacheRequest, options?: CallOptions): Promise<void>;
}

export interface CacheImageRequest {
  readonly image: Image;
}

export interface ManageImageCacheRequest {
  readonly imageIdsInUse: readonly string[];
}
