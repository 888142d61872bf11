import { LibvirtError, type RpcConnection } from '../../src/index.js';

/** The same thing asked of another client of libvirt, in its words, and of ours. */
export interface Question {
  readonly theirs: string;
  readonly ours: (connection: RpcConnection) => Promise<unknown>;
}

/** Our answer in the form of ask-libvirt.py. */
export async function ourAnswer(connection: RpcConnection, { ours }: Question): Promise<unknown> {
  try {
    return { value: plain(await ours(connection)) };
  } catch (error) {
    if (!(error instanceof LibvirtError)) throw error;
    const { code, domain, rawMessage, level, str1, str2, str3, int1, int2 } = error;
    return { error: plain([code, domain, rawMessage, level, str1, str2, str3, int1, int2]) };
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : { double: value };
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
