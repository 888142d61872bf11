import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';
import type { PowerState } from '../power-state.js';

/** Figures of a running guest. Nova: `get_diagnostics`, `get_instance_diagnostics`. */
export interface DiagnosticsAbility {
  /** What cannot be read is left out. @throws ComputeError `INSTANCE_INVALID_STATE` when the guest is off */
  getDiagnostics(request: GuestRequest, options?: CallOptions): Promise<Diagnostics>;
}

export interface Diagnostics {
  readonly powerState: PowerState;
  readonly uptimeMs?: number;
  readonly vcpus: readonly { readonly cpuTimeMs: number }[];
  readonly memory: { readonly maximumMib: number; readonly usedMib?: number };
  readonly disks: readonly { readonly id: string; readonly readBytes: bigint; readonly writeBytes: bigint }[];
  readonly networkInterfaces: readonly {
    readonly macAddress: string;
    readonly receivedBytes: bigint;
    readonly sentBytes: bigint;
  }[];
}
