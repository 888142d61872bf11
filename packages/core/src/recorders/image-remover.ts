import type { FailedSnapshot, ImageRef, Images } from '@virtkit/decorators';
import { isComputeError } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';

/** Removes the image that a failed operation has begun. */
export class ImageRemover implements Images {
  readonly #providers: Providers;

  constructor(providers: Providers) {
    this.#providers = providers;
  }

  /** One that the provider refused to begin is left alone: what stands under its id is somebody's finished image. */
  async delete({ id }: ImageRef, { failure }: FailedSnapshot): Promise<void> {
    if (isComputeError(failure, 'INVALID_INPUT') || !this.#providers.has('images')) return;
    await this.#providers.images.deleteImage(id, providerOptions());
  }
}
