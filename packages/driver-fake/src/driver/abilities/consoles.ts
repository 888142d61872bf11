import type {
  CallOptions,
  ConsoleEndpoint,
  GuestRequest,
  MksConsoleAbility,
  SerialConsoleAbility,
  SpiceConsoleAbility,
  VncConsoleAbility,
} from '@virtkit/core/driver';
import type { DriverMethod } from '../../faults/operation.js';
import type { ConsoleKind } from '../../hypervisor/host-consoles.js';
import type { AbilityParts } from '../ability-parts.js';
import { readPresent } from '../managed-view.js';

/** Where the consoles of a guest are that runs. */
export function consoles({
  calls,
  connection,
}: AbilityParts): VncConsoleAbility & SpiceConsoleAbility & SerialConsoleAbility & MksConsoleAbility {
  const endpointOf =
    (method: DriverMethod, kind: ConsoleKind) =>
    ({ instance }: GuestRequest, options: CallOptions = {}): Promise<ConsoleEndpoint> =>
      calls.read(method, instance.uuid, options, async (stepOptions) => {
        await readPresent(connection, instance, stepOptions);
        return connection.machine.readEndpoint(instance.uuid, kind, stepOptions);
      });
  return {
    getVncConsole: endpointOf('getVncConsole', 'vnc'),
    getSpiceConsole: endpointOf('getSpiceConsole', 'spice'),
    getSerialConsole: endpointOf('getSerialConsole', 'serial'),
    getMksConsole: endpointOf('getMksConsole', 'mks'),
  };
}
