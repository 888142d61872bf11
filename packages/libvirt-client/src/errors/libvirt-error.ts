import { ErrorDomain, ErrorNumber } from '../constants/error-codes.gen.js';

const brand: unique symbol = Symbol.for('virtkit.LibvirtError');
const codeNames = namesByNumber(ErrorNumber);
const domainNames = namesByNumber(ErrorDomain);

/** What the daemon says in an error reply (virError). */
export interface LibvirtErrorFacts {
  readonly code: number;
  readonly domain: number;
  readonly level: number;
  readonly message: string | null;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
}

/**
 * The daemon has answered a call with an error. The call was received and is over.
 *
 * `message` and the `str` fields are the daemon's words: they name paths, addresses and pieces of XML of the host. Log
 * them for the operator; never show them to a tenant. Codes are coarse: 1 (internal error) and 38 (system error) stand
 * for most of what can go wrong, so decide by `code`, `domain` and what was being done.
 */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  readonly [brand] = true;
  /** A value of {@link ErrorNumber}, or one that is newer than this client. */
  readonly code: number;
  /** As `VIR_ERR_NO_DOMAIN`; `VIR_ERR_<number>` for a code this client does not know. */
  readonly codeName: string;
  /** The part of libvirt that failed, a value of {@link ErrorDomain}. Nothing to do with a guest. */
  readonly domain: number;
  readonly domainName: string;
  readonly level: number;
  readonly rawMessage: string;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  readonly int1: number;
  readonly int2: number;
  /** The procedure that was called, as it is named in `procedures`. */
  readonly procedure: string;

  constructor(facts: LibvirtErrorFacts, procedure: string) {
    const codeName = codeNames.get(facts.code) ?? `VIR_ERR_${facts.code}`;
    const rawMessage = facts.message ?? 'no message';
    super(`${procedure}: ${codeName}: ${rawMessage}`);
    this.code = facts.code;
    this.codeName = codeName;
    this.domain = facts.domain;
    this.domainName = domainNames.get(facts.domain) ?? `VIR_FROM_${facts.domain}`;
    this.level = facts.level;
    this.rawMessage = rawMessage;
    this.str1 = facts.str1;
    this.str2 = facts.str2;
    this.str3 = facts.str3;
    this.int1 = facts.int1;
    this.int2 = facts.int2;
    this.procedure = procedure;
  }

  /** True for an error the daemon sent, with one of these codes if any are named, whichever copy of this package made it. */
  static is(error: unknown, ...codes: readonly number[]): error is LibvirtError {
    if (!(error instanceof Error) || !(brand in error)) return false;
    return codes.length === 0 || codes.includes((error as LibvirtError).code);
  }
}

function namesByNumber(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, number]) => [number, name]));
}
