import type { HostResourcesAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';

export function hostResources({ calls, connection }: AbilityParts): HostResourcesAbility {
  return {
    getAvailableResource: (_request, options = {}) =>
      calls.read('getAvailableResource', undefined, options, (readOptions) => connection.readResources(readOptions)),
  };
}
