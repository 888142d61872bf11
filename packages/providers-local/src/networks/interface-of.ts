import type { NetworkInterface } from '@virtkit/core/providers';
import type { AllocatedInterface } from './allocation-file.js';
import type { LocalNetwork } from './local-networks-options.js';

/** An interface as a driver connects it. What a host brings with itself is ready: nobody tells of it later. */
export function interfaceOf({ id, macAddress }: AllocatedInterface, network: LocalNetwork): NetworkInterface {
  const { mtuBytes } = network;
  const identity = { id, macAddress, status: 'active', ...(mtuBytes === undefined ? {} : { mtuBytes }) } as const;
  switch (network.type) {
    case 'user':
      return Object.freeze({ type: 'user', ...identity });
    case 'bridge':
      return Object.freeze({ type: 'bridge', bridge: network.bridge, ...identity });
    case 'network':
      return Object.freeze({ type: 'network', network: network.network, ...identity });
  }
}
