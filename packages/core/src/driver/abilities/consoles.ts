import type { CallOptions } from '../call-options.js';
import type { GuestRequest } from '../driver-request.js';

/** What a guest has written to its serial port. Nova: `get_console_output`. */
export interface ConsoleOutputAbility {
  /**
   * The end of the guest's console log, at most `lengthBytesMax` bytes, as the guest wrote it.
   * Empty when it has written nothing. The bytes are the guest's: whoever prints them must expect anything.
   * @throws ComputeError `CONSOLE_UNAVAILABLE`
   */
  getConsoleOutput(request: ConsoleOutputRequest, options?: CallOptions): Promise<Uint8Array>;
}

export interface ConsoleOutputRequest extends GuestRequest {
  /** Default 102,400, Nova's limit. */
  readonly lengthBytesMax?: number;
}

/**
 * Where a proxy on this host finds a console: a unix socket, or a TCP port where the operator has asked for one. A port has no
 * guard but the network: guests on user-mode networks reach those of the host's loopback. Never given to a tenant, who gets a
 * token instead.
 */
export type ConsoleEndpoint = ConsoleSocket | ConsolePort;

export interface ConsoleSocket {
  /** Absolute path on the host. The file's mode says who may connect. */
  readonly socketPath: string;
}

export interface ConsolePort {
  readonly address: string;
  readonly port: number;
  readonly tlsPort?: number;
}

/** Nova: `get_vnc_console`. @throws ComputeError `CONSOLE_UNAVAILABLE` */
export interface VncConsoleAbility {
  getVncConsole(request: GuestRequest, options?: CallOptions): Promise<ConsoleEndpoint>;
}

/** Nova: `get_spice_console`. @throws ComputeError `CONSOLE_UNAVAILABLE` */
export interface SpiceConsoleAbility {
  getSpiceConsole(request: GuestRequest, options?: CallOptions): Promise<ConsoleEndpoint>;
}

/** Nova: `get_serial_console`. @throws ComputeError `CONSOLE_UNAVAILABLE` */
export interface SerialConsoleAbility {
  getSerialConsole(request: GuestRequest, options?: CallOptions): Promise<ConsoleEndpoint>;
}

/** Nova: `get_mks_console`. @throws ComputeError `CONSOLE_UNAVAILABLE` */
export interface MksConsoleAbility {
  getMksConsole(request: GuestRequest, options?: CallOptions): Promise<ConsoleEndpoint>;
}
