import type { VolumeAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { attachDevice, detachDevice, readChangeable } from '../device-attachment.js';

export function volumes({ calls, connection }: AbilityParts): VolumeAbility {
  return {
    attachVolume: ({ instance, device }, options = {}) =>
      calls.change('attachVolume', instance, options, async (call) => {
        await attachDevice({ kind: 'disk', device }, await readChangeable(call), call);
      }),

    detachVolume: ({ instance, deviceId }, options = {}) =>
      calls.change('detachVolume', instance, options, async (call) => {
        await detachDevice('disk', deviceId, await readChangeable(call), call);
      }),

    getVolumeConnector: (_request, options = {}) =>
      calls.read('getVolumeConnector', undefined, options, async (readOptions) => {
        const host = await connection.readHostName(readOptions);
        return { host, address: '192.0.2.1', initiator: `iqn.2026-01.example:${host}` };
      }),
  };
}
