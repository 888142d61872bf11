import { createHash } from 'node:crypto';
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

/** A right to one console for a while, as its tenant is given it. */
export interface ConsoleAccess {
  /** Whoever has it has the console. Kept nowhere: what was lost is made anew. */
  readonly token: string;
  readonly consoleType: ConsoleType;
  readonly expiresAtMs: number;
}

/** What a proxy learns of a token. Never for tenants. */
export interface ConsoleGrant {
  readonly instanceUuid: string;
  readonly consoleType: ConsoleType;
  readonly host: string;
  readonly endpoint: ConsoleEndpoint;
  readonly expiresAtMs: number;
}

/** What is kept of a token. */
export function consoleTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
