import { systemClock } from '@virtkit/core';
import { memoryProviders, type MemoryProviders } from '../support/memory-providers.js';
import { callPath } from './call-path.js';

/** Names of the providers, as the paths of their calls begin. */
const providerNames = ['images', 'networks', 'volumes'] as const;

/** What the providers know after a call, for who looks at them from another process. */
export interface ProviderState {
  readonly images: MemoryProviders['images']['kept'];
  readonly networks: MemoryProviders['networks']['kept'];
  readonly volumes: MemoryProviders['volumes']['kept'];
}

export interface ProviderAnswer {
  readonly value: unknown;
  readonly state: ProviderState;
}

export function isOfProvider([name]: readonly string[]): boolean {
  return providerNames.some((each) => each === name);
}

/** Ports, volumes and images in a process of their own. They outlive every manager, and refuse a late call by its epoch. */
export class ProviderProcess {
  #providers = memoryProviders(systemClock);

  /** Nothing is left of the last trial. */
  begin(): ProviderState {
    this.#providers = memoryProviders(systemClock);
    return this.#state;
  }

  /** @throws ComputeError of the provider, with nothing changed */
  async answer(path: readonly string[], args: readonly unknown[]): Promise<ProviderAnswer> {
    return { value: await callPath(this.#providers, path, args), state: this.#state };
  }

  get #state(): ProviderState {
    const { images, networks, volumes } = this.#providers;
    return { images: images.kept, networks: networks.kept, volumes: volumes.kept };
  }
}
