import type { ComputeDriver } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { belongingsOf } from '../belongings.js';
import { generationOf } from '../guest-generation.js';
import { isPresent, readOurs, readPresent } from '../managed-view.js';
import { powerStateOf } from '../power-state-of.js';

/** What the driver tells of guests, without changing any. */
export function reads({
  calls,
  connection,
}: AbilityParts): Pick<ComputeDriver, 'getInfo' | 'inspect' | 'listInstanceUuids'> {
  return {
    getInfo: ({ instance }, options = {}) =>
      calls.read('getInfo', instance.uuid, options, async (readOptions) => ({
        powerState: powerStateOf(await readPresent(connection, instance, readOptions)),
      })),

    inspect: ({ instanceUuid }, options = {}) =>
      calls.read('inspect', instanceUuid, options, async (readOptions) => {
        const view = await readOurs(connection, instanceUuid, readOptions);
        const generation = generationOf(view);
        const root = view.disks.find(({ id }) => id === 'root');
        return {
          guest: isPresent(view) ? 'present' : 'absent',
          powerState: powerStateOf(view),
          savedMemory: view.savedMemory,
          ...(view.guest?.bootsFrom === 'rescue-image' && { bootsFrom: view.guest.bootsFrom }),
          ...(generation !== undefined && { generation }),
          ...(root && { imageId: root.content.origin }),
          belongings: belongingsOf(view),
        };
      }),

    listInstanceUuids: (_request, options = {}) =>
      calls.read('listInstanceUuids', undefined, options, (readOptions) =>
        connection.listGuests('virtkit', readOptions),
      ),
  };
}
