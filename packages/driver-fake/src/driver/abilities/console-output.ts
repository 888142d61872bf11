import type { ConsoleOutputAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';

/** Nova's limit for console output. */
const CONSOLE_BYTES_DEFAULT = 102_400;

export function consoleOutput({ calls, connection }: AbilityParts): ConsoleOutputAbility {
  return {
    getConsoleOutput: ({ instance, lengthBytesMax = CONSOLE_BYTES_DEFAULT }, options = {}) =>
      calls.read('getConsoleOutput', instance.uuid, options, async (readOptions) => {
        await readPresent(connection, instance, readOptions);
        const written = await connection.readConsole(instance.uuid, readOptions);
        return written.subarray(Math.max(0, written.length - lengthBytesMax));
      }),
  };
}
