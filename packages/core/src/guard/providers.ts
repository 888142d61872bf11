import { ComputeError, type Clock, type DriverLog } from '../driver/index.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import { settleWithin } from './settle.js';

/** How long a start waits for a provider to hear of it, in milliseconds. */
const INTRODUCTION_MS = 5_000;

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

  /** Tells every provider that this manager has taken the host. A provider that cannot be told learns it by the next call. Never rejects. */
  async introduce({ clock, log }: { readonly clock: Clock; readonly log: DriverLog }): Promise<void> {
    const { images, networks, volumes } = this.#parts;
    const telling = [images, networks, volumes].map(async (provider) => {
      const tell = async (signal: AbortSignal): Promise<void> => await provider?.leaderChanged?.({ signal });
      const deadline = { clock, timeoutMs: INTRODUCTION_MS, graceMs: 0, signal: undefined };
      const { settled } = await settleWithin(deadline, tell);
      if (settled === 'never') log.warn({}, 'provider not told of the new manager in time');
      else if (settled.status === 'rejected') log.warn({ err: settled.reason }, 'provider not told of the new manager');
    });
    await Promise.all(telling);
  }

  /** Whether there is one, for what is done only where there is. */
  has(kind: keyof ProviderParts): boolean {
    return this.#parts[kind] !== undefined;
  }
}

function refuse(kind: keyof ProviderParts): never {
  throw new ComputeError('NOT_SUPPORTED', { capability: kind, reason: `no provider of ${kind} is configured` });
}
