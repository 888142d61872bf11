import type { DiagnosticsAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function diagnostics({ calls, connection }: AbilityParts): DiagnosticsAbility {
  return {
    getDiagnostics: ({ instance }, options = {}) =>
      calls.read('getDiagnostics', instance.uuid, options, async (stepOptions) => {
        const view = await readPresent(connection, instance, stepOptions);
        const powerState = powerStateOf(view);
        mustBe(['RUNNING', 'PAUSED'], powerState, { instanceUuid: instance.uuid, operation: 'getDiagnostics' });
        const figures = await connection.machine.readDiagnostics(instance.uuid, stepOptions);
        return { powerState, ...figures };
      }),
  };
}
