import type { ConsoleOutputAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';

/** Nova's limit for console output. */
const CONSOLE_BYTES_DEFAULT = 102_400;

export function consoleOutput({ calls, connection }: AbilityParts): ConsoleOutputAbility {
  return {
    getConsoleOutput: (instanceUuid, options = {}) =>
      calls.read('getConsoleOutput', instanceUuid, options, async (readOptions) => {
        await readPresent(connection, instanceUuid, readOptions);
        const written = await connection.readConsole(instanceUuid, readOptions);
        const { lengthBytesMax = CONSOLE_BYTES_DEFAULT } = options;
        return written.subarray(Math.max(0, written.length - lengthBytesMax));
      }),
  };
}
