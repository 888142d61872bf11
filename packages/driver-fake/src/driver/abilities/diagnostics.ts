import type { DiagnosticsAbility } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';
import { mustBe } from '../must-be.js';
import { powerStateOf } from '../power-state-of.js';

export function diagnostics({ calls, connection }: AbilityParts): DiagnosticsAbility {
  return {
    getDiagnostics: (instanceUuid, options = {}) =>
      calls.read('getDiagnostics', instanceUuid, options, async (stepOptions) => {
        const view = await readPresent(connection, instanceUuid, stepOptions);
        const powerState = powerStateOf(view);
        mustBe(['RUNNING', 'PAUSED'], powerState, { instanceUuid, operation: 'getDiagnostics' });
        const figures = await connection.machine.readDiagnostics(instanceUuid, stepOptions);
        return { powerState, ...figures };
      }),
  };
}
