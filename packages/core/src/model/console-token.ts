import type { ConsoleEndpoint } from '../driver/index.js';

export const consoleTypes = ['vnc', 'spice', 'serial', 'mks'] as const;
export type ConsoleType = (typeof consoleTypes)[number];

/** A right to one console for a while, as it is kept: of the token itself only a hash. */
export interface ConsoleToken {
  /** SHA-256 of the token, in hexadecimal. */
  readonly tokenHash: string;
  readonly instanceUuid: string;
  readonly consoleType: ConsoleType;
  readonly host: string;
  /** Where a proxy on the host finds the console. For proxies, never for tenants. */
  readonly endpoint: ConsoleEndpoint;
  readonly expiresAtMs: number;
}
