const MIB = 1_048_576;

/** A value that is wrong wherever it stands, and how it is called in the name of a test. */
export interface WrongValue {
  readonly name: string;
  readonly make: () => unknown;
}

const keys = Array.from({ length: 100_000 }, (_, nth) => `"key-${nth}":"value"`);
const crowd = `{${keys.join(',')}}`;

/** Wrong for every parameter of the public methods, whatever it takes: none of them takes any of these. */
export const wrongValues: readonly WrongValue[] = [
  { name: 'null', make: () => null },
  { name: 'a number', make: () => 42 },
  { name: 'a negative number', make: () => -1 },
  { name: 'NaN', make: () => Number.NaN },
  { name: 'Infinity', make: () => Number.POSITIVE_INFINITY },
  { name: 'a bigint of a million digits', make: () => 10n ** 1_000_000n },
  { name: 'true', make: () => true },
  { name: 'a symbol', make: () => Symbol('x'.repeat(1_000)) },
  { name: 'a function', make: () => () => 'x' },
  { name: 'an empty text', make: () => '' },
  { name: 'a text of 10 MB', make: () => 'x'.repeat(10 * MIB) },
  { name: 'a text with control characters', make: () => '\u0000\n\u001b[31m'.repeat(64) },
  { name: 'a list', make: () => ['x'] },
  { name: 'a list of a million', make: () => Array.from({ length: 1_000_000 }) },
  { name: 'a list as long as can be', make: () => new Array(2 ** 32 - 1) },
  { name: 'an object of 100,000 fields', make: () => JSON.parse(crowd) as unknown },
  { name: 'an unknown field', make: () => ({ colour: 'blue' }) },
  { name: 'a field that is a prototype', make: () => JSON.parse('{"__proto__":{"role":"admin"}}') as unknown },
  { name: 'a field of 10 MB', make: () => ({ ['x'.repeat(10 * MIB)]: 1 }) },
  { name: 'objects a thousand deep', make: () => deep(1_000) },
  { name: 'an object that holds itself', make: () => circular() },
  { name: 'a Map', make: () => new Map([['name', 'x']]) },
  { name: 'a Date', make: () => new Date(0) },
  { name: 'an Error', make: () => new Error('x') },
  { name: 'bytes', make: () => new Uint8Array(MIB) },
  {
    name: 'a getter that throws',
    make: () => ({
      get name(): never {
        throw new Error('from the getter');
      },
    }),
  },
  { name: 'a proxy that throws', make: () => new Proxy({}, { ownKeys: fail, get: fail, getPrototypeOf: fail }) },
  { name: 'a proxy that was revoked', make: () => revoked() },
];

function deep(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}

function circular(): unknown {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}

function fail(): never {
  throw new Error('from the proxy');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** A value that counts how often something of it, or of what it holds, is read. */
export function counted(value: object): { readonly proxy: object; readonly reads: () => number } {
  let reads = 0;
  const handler: ProxyHandler<object> = {
    get: (target, key, receiver) => {
      reads += 1;
      const inner: unknown = Reflect.get(target, key, receiver);
      return typeof inner === 'object' && inner !== null ? new Proxy(inner, handler) : inner;
    },
    getOwnPropertyDescriptor: (target, key) => {
      reads += 1;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  };
  return { proxy: new Proxy(value, handler), reads: () => reads };
}
