import { ComputeError } from '../driver/index.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';

export interface ProviderParts {
  readonly images?: ImageProvider | undefined;
  readonly networks?: NetworkProvider | undefined;
  readonly volumes?: VolumeProvider | undefined;
}

/** Where images, networks and volumes come from. An embedder may do without: what needs one is then refused. */
export class Providers {
  readonly #parts: ProviderParts;

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /** @throws ComputeError `NOT_SUPPORTED` */
  get images(): ImageProvider {
    return this.#parts.images ?? refuse('images');
  }

  /** @throws ComputeError `NOT_SUPPORTED` */
  get networks(): NetworkProvider {
    return this.#parts.networks ?? refuse('networks');
  }

  /** @throws ComputeError `NOT_SUPPORTED` */
  get volumes(): VolumeProvider {
    return this.#parts.volumes ?? refuse('volumes');
  }

  /** Whether there is one, for what is done only where there is. */
  has(kind: keyof ProviderParts): boolean {
    return this.#parts[kind] !== undefined;
  }
}

function refuse(kind: keyof ProviderParts): never {
  throw new ComputeError('NOT_SUPPORTED', { capability: kind, reason: `no provider of ${kind} is configured` });
}
