import { Secret } from './secret.js';

export interface WireOptions {
  /** Whether a `Secret` may be in the value. Default `refuse`. */
  readonly secrets?: 'carry' | 'refuse';
}

/** The tags of values that JSON does not have. An object of ours with such a key is put under `$object`. */
const tags = ['$secret', '$bigint', '$bytes', '$object'] as const;

/**
 * Writes a request or an answer as text: plain values of JSON, and besides them `Secret`, `bigint` and `Uint8Array`, which {@link fromWire} makes
 * again. A field that is `undefined` is left out. The text may hold secrets: it goes into a private pipe or to a local peer, and into no log.
 * @throws TypeError for a secret that may not be carried, a function, a symbol, and a number that JSON does not have
 */
export function toWire(value: unknown, { secrets = 'refuse' }: WireOptions = {}): string {
  const encode = (each: unknown, place: string): unknown => {
    if (each === null || typeof each === 'string' || typeof each === 'boolean') return each;
    if (typeof each === 'number') {
      if (Number.isFinite(each)) return each;
      throw new TypeError(`${place} is ${each}, which cannot be carried`);
    }
    if (typeof each === 'bigint') return { $bigint: each.toString() };
    if (each instanceof Secret) {
      if (secrets === 'carry') return { $secret: each.reveal() };
      throw new TypeError(`${place} is a secret, and none may be carried here`);
    }
    if (each instanceof Uint8Array) return { $bytes: Buffer.from(each).toString('base64') };
    if (Array.isArray(each)) return each.map((item, index) => encode(item ?? null, `${place}[${index}]`));
    if (typeof each !== 'object') throw new TypeError(`${place} is a ${typeof each}, which cannot be carried`);
    const fields = Object.entries(each)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, encode(field, `${place}.${name}`)] as const);
    const object = Object.fromEntries(fields);
    return tags.some((tag) => Object.hasOwn(object, tag)) ? { $object: object } : object;
  };
  return JSON.stringify(encode(value ?? null, 'the value'));
}

/** What {@link toWire} has written. `undefined` at the top comes back as `null`. */
export function fromWire(text: string): unknown {
  const decode = (each: unknown): unknown => {
    if (typeof each !== 'object' || each === null) return each;
    if (Array.isArray(each)) return each.map(decode);
    const { $secret, $bigint, $bytes, $object } = each as Readonly<Record<string, unknown>>;
    if (typeof $secret === 'string') return new Secret($secret);
    if (typeof $bigint === 'string') return BigInt($bigint);
    if (typeof $bytes === 'string') return new Uint8Array(Buffer.from($bytes, 'base64'));
    const fields = typeof $object === 'object' && $object !== null ? $object : each;
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, decode(field)]));
  };
  return decode(JSON.parse(text));
}
