import type { Clock } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { fakeCompute, type FakeCompute, type FakeComputeParts } from './fake-compute.js';
import { MemoryImages } from './memory-images.js';
import { MemoryNetworks } from './memory-networks.js';
import { MemoryVolumes } from './memory-volumes.js';
import { ProviderFaults } from './provider-faults.js';

export interface MemoryProviders {
  /** What goes wrong with any of them. */
  readonly providerFaults: ProviderFaults;
  readonly images: MemoryImages;
  readonly networks: MemoryNetworks;
  readonly volumes: MemoryVolumes;
}

export type ProvidedCompute = FakeCompute & MemoryProviders;

/** Two volumes that a test may use. */
export const volumeIds = ['00000000-0000-4000-a000-000000000001', '00000000-0000-4000-a000-000000000002'] as const;
export const imageId = '00000000-0000-4000-b000-000000000001';

/** A fake compute with {@link memoryProviders}. */
export async function providedCompute(parts: FakeComputeParts = {}): Promise<ProvidedCompute> {
  const clock = parts.clock ?? new VirtualClock();
  const providers = memoryProviders(clock);
  const { images, networks, volumes } = providers;
  const fake = await fakeCompute({ ...parts, clock, images, networks, volumes });
  return { ...fake, ...providers };
}

/** Providers in memory: an image, two networks and two volumes are there. */
export function memoryProviders(clock: Clock): MemoryProviders {
  const providerFaults = new ProviderFaults(clock);
  const images = new MemoryImages(providerFaults);
  const networks = new MemoryNetworks(providerFaults);
  const volumes = new MemoryVolumes(providerFaults);
  images.add(imageId, { name: 'debian' });
  for (const id of volumeIds) volumes.add(id);
  return { providerFaults, images, networks, volumes };
}
