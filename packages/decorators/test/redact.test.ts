import { entity, redact, secretBrand } from '@virtkit/decorators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { context, image, instance, migration } from './support/entities.js';

describe('redact', () => {
  it.each([
    ['password', 'adminPass', 'rescue_password', '_pass', 'blah_pass', 'passphrase'],
    ['secret', 'clientSecret', 'SECRET_KEY'],
    ['token', 'admin_token', 'X-Auth-Token'],
    ['credential', 'credentials'],
    ['private_key', 'privateKey', 'private-key', 'SSH_PRIVATE_KEY'],
    ['api_key', 'apiKey', 'api-key'],
    ['authorization', 'Proxy-Authorization'],
    ['cookie', 'Set-Cookie'],
    ['user_data', 'userData', 'user-data'],
    ['injected_file', 'injectedFiles', 'injected-files'],
  ])('shows nothing that is kept under a name like %s', (...names) => {
    for (const name of names) {
      expect(redact({ [name]: { value: 'canary' }, foo: 1 })).toEqual({ [name]: '[redacted]', foo: 1 });
      expect(redact(new Map([[name, 'canary']]))).toEqual([[name, '[redacted]']]);
    }
  });

  it.each([
    ['tokenMs', 600_000],
    ['password_bytes', 12n],
    ['secretsMax', 0],
    ['passCount', 3],
  ])('shows a number that is a measure: %s', (name, value) => {
    const shown = typeof value === 'bigint' ? `${value}n` : value;
    expect(redact({ [name]: value })).toEqual({ [name]: shown });
    expect(redact(new Map([[name, value]]))).toEqual([[name, shown]]);
    expect(redact({ [name]: 'canary' })).toEqual({ [name]: '[redacted]' });
  });

  it('shows no number that may be a secret itself', () => {
    expect(redact({ password: 1234, token: 5n, adminPass: 0 })).toEqual({
      password: '[redacted]',
      token: '[redacted]',
      adminPass: '[redacted]',
    });
  });

  it('shows what is kept under other names', () => {
    const value = { foo: 'a', key: 'b', userId: 'c', public_key: 'd', injected: 'e', auth: 'f', private: 'g' };
    expect(redact(value)).toEqual(value);
    expect(redact({})).toEqual({});
  });

  it('shows nothing that is marked as a secret, whatever it is', () => {
    class Password {
      readonly [secretBrand] = false;
      readonly value = 'canary';
    }
    class Derived extends Password {}
    const callable = Object.assign(() => 'canary', { [secretBrand]: true });
    expect(redact([new Password(), new Derived(), callable])).toEqual(['[redacted]', '[redacted]', '[redacted]']);
    expect(redact(Object.create({ [secretBrand]: true }))).toBe('[redacted]');
  });

  it('knows the mark by its registered name', () => {
    expect(redact({ [Symbol.for('virtkit.secret')]: true })).toBe('[redacted]');
  });

  it('shows an entity by its id, and a context not at all', () => {
    const instanceWithSecrets = { ...instance, injected: 'canary', connection: { auth: 'canary' } };
    expect(redact([instanceWithSecrets, migration, image, { ...context, token: 'canary' }])).toEqual([
      { instance: 'instance-1' },
      { migration: 'migration-1' },
      { image: 'image-1' },
      '[context]',
    ]);
  });

  it('shows an object with a mark it does not know like any other', () => {
    expect(redact({ [entity]: 'server', uuid: 'server-1' })).toEqual({ uuid: 'server-1' });
  });

  it('shows plain data as it is', () => {
    const value = { text: 'a', yes: true, none: null, nothing: undefined, list: [1, -2.5, [3]], deep: { er: {} } };
    expect(redact(value)).toEqual(value);
  });

  it('shows in words what is not plain data', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(redact([10n, NaN, -Infinity, Symbol('canary'), () => 'canary', class Canary {}])).toEqual([
      '10n',
      'NaN',
      '-Infinity',
      '[symbol]',
      '[function]',
      '[function]',
    ]);
    expect(redact([new Date(0), new Date(NaN)])).toEqual(['1970-01-01T00:00:00.000Z', '[no date]']);
    expect(
      redact([Buffer.from('canary'), new ArrayBuffer(1), new SharedArrayBuffer(1), new DataView(new ArrayBuffer(1))]),
    ) //
      .toEqual(['[bytes]', '[bytes]', '[bytes]', '[bytes]']);
    expect(redact([1, , 2])).toEqual([1, undefined, 2]);
    expect(redact([new Set([1, 'a']), new Map<unknown, unknown>([[1, { a: 2 }]]), bare])).toEqual([
      [1, 'a'],
      [[1, { a: 2 }]],
      { a: 1 },
    ]);
  });

  it('shows the class of an error and none of its words', () => {
    class DriverError extends TypeError {
      readonly host = 'canary';
    }
    class Nameless extends Error {
      static override readonly name = undefined as never;
    }
    const unmade = Object.setPrototypeOf(new Error('canary'), Object.create(Error.prototype)) as Error;
    const mad = Object.setPrototypeOf(
      new Error('canary'),
      Object.create(Error.prototype, { constructor: { value: { name: 'canary' } } }),
    ) as Error;
    const errors = [new DriverError('canary'), new Error('canary'), new Nameless('canary'), unmade, mad];
    expect(redact(errors)).toEqual(['[DriverError]', '[Error]', '[Error]', '[Error]', '[Error]']);
    expect(redact(new DOMException('canary', 'AbortError'))).toBe('[DOMException]');
  });

  it('runs no getter, no toJSON, no iterator, no size and no proxy', () => {
    const ran: string[] = [];
    const spy = (what: string) => () => {
      ran.push(what);
      return 'canary';
    };
    class NosyMap extends Map<unknown, unknown> {
      override entries = spy('entries') as never;
      override [Symbol.iterator] = spy('iterator') as never;
      override get size(): number {
        return spy('size').length;
      }
    }
    class NosySet extends Set<unknown> {
      override values = spy('values') as never;
      override get size(): number {
        ran.push('size');
        return 100;
      }
    }
    const array = [1];
    Object.defineProperty(array, 0, { get: spy('array'), enumerable: true });
    const error = new Error('x');
    Object.defineProperty(error, 'name', { get: spy('name') });
    class NosyDate extends Date {
      override toISOString = spy('toISOString');
      override getTime = spy('getTime') as never;
    }
    const value = {
      get getter() {
        return spy('getter')();
      },
      set setter(_value: unknown) {
        ran.push('setter');
      },
      toJSON: spy('toJSON'),
      array,
      error,
      map: new NosyMap([['a', 1]]),
      set: new NosySet([1]),
      date: new NosyDate(0),
      names: new Map<unknown, unknown>([
        [{ toString: spy('toString') }, 1],
        [Symbol('password'), 2],
      ]),
      proxy: new Proxy({}, { get: spy('proxy'), ownKeys: spy('proxy'), has: spy('proxy') as never }),
    };
    expect(redact(value)).toEqual({
      getter: '[getter]',
      setter: undefined,
      toJSON: '[function]',
      array: ['[getter]'],
      error: '[Error]',
      map: [['a', 1]],
      set: [1],
      date: '1970-01-01T00:00:00.000Z',
      names: [
        [{ toString: '[function]' }, 1],
        ['[symbol]', 2],
      ],
      proxy: '[proxy]',
    });
    expect(ran).toEqual([]);
  });

  it('shows what cannot be read as that, and the rest all the same', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = { get [entity](): never { throw new Error('canary') } }; // prettier-ignore
    const inherited = Object.create(new Proxy({}, { has: () => { throw new Error('canary') } })) as object; // prettier-ignore
    expect(redact([proxy, hostile, inherited, 1])).toEqual(['[proxy]', '[unreadable]', '[unreadable]', 1]);
  });

  it('shows a value once within itself, and twice side by side', () => {
    const shared = { a: 1 };
    const circle: Record<string, unknown> = { shared, again: shared };
    circle['self'] = circle;
    circle['list'] = [circle];
    expect(redact(circle)).toEqual({ shared, again: shared, self: '[circular]', list: ['[circular]'] });
  });

  it('a property named __proto__ is a property like any other', () => {
    const shown = redact(JSON.parse('{ "__proto__": { "admin": true } }')) as object;
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(Object.keys(shown)).toEqual(['__proto__']);
  });

  describe('within limits', () => {
    it('of depth', () => {
      expect(redact({ a: { b: { c: 1 } } }, { depthMax: 2 })).toEqual({ a: { b: '[deeper]' } });
      expect(redact([[[1]]], { depthMax: 3 })).toEqual([[[1]]]);
    });

    it('of entries', () => {
      const limits = { entriesMax: 2 };
      expect(redact([1, 2, 3, 4], limits)).toEqual([1, 2, '[2 more]']);
      expect(redact([1, 2], limits)).toEqual([1, 2]);
      expect(redact(new Set([1, 2, 3]), limits)).toEqual([1, 2, '[1 more]']);
      expect(redact(new Map([[1, 1], [2, 2], [3, 3]]), limits)).toEqual([[1, 1], [2, 2], '[1 more]']); // prettier-ignore
      expect(redact({ a: 1, b: 2, c: 3 }, limits)).toEqual({ a: 1, b: 2, '...': '[1 more]' });
      expect(redact({ a: 1, b: 2 }, limits)).toEqual({ a: 1, b: 2 });
    });

    it('of string length, without half a character', () => {
      const limits = { stringLengthMax: 4 };
      expect(redact('abcd', limits)).toBe('abcd');
      expect(redact('abcdef', limits)).toBe('abcd[2 more]');
      expect(redact('abc😀d', limits)).toBe('abc[3 more]');
      expect(redact('ab😀cd', limits)).toBe('ab😀[2 more]');
      expect(redact('a\ud83dbcdef', limits)).toBe('a\ud83dbc[3 more]');
      expect(redact({ abcdef: 12345678n }, limits)).toEqual({ 'abcd[2 more]': '1234[5 more]' });
    });

    it('of values altogether', () => {
      expect(redact([1, 2, 3], { valuesMax: 3 })).toEqual([1, 2, '[more]']);
      expect(redact({ a: { b: 1 }, c: 2 }, { valuesMax: 2 })).toEqual({ a: { b: '[more]' }, c: '[more]' });
      expect(redact(1, { valuesMax: 0 })).toBe('[more]');
    });

    it('that are sensible by default', () => {
      expect(redact('x'.repeat(1025))).toBe(`${'x'.repeat(1024)}[1 more]`);
      expect(redact(Array.from({ length: 65 }, () => 0))).toHaveLength(65);
      expect((redact(Array.from({ length: 65 }, () => 0)) as unknown[])[64]).toBe('[1 more]');
      expect(JSON.stringify(redact([[[[[[[1]]]]]]]))).toBe('[[[[[["[deeper]"]]]]]]');
      const values = Array.from({ length: 64 }, () => Array.from({ length: 64 }, () => 0));
      expect(JSON.stringify(redact(values)).split('0').length - 1).toBeLessThan(1000);
    });
  });

  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withSparseArray: true,
    withObjectString: true,
    maxDepth: 5,
  });

  it('never throws, whatever the value, and gives plain data', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const shown = redact(value);
        expect(() => JSON.stringify(shown)).not.toThrow();
      }),
    );
  });

  it('never shows a value that hangs under the name of a secret, however deep', () => {
    fc.assert(
      fc.property(
        anything,
        fc.constantFrom('password', 'authToken', 'COOKIE'),
        fc.array(fc.constantFrom('object', 'array', 'map', 'set'), { maxLength: 6 }),
        (hidden, name, wrappings) => {
          const canary = 'canary';
          const value = wrappings.reduce<unknown>(
            (inner, wrapping) =>
              ({ object: { inner }, array: [inner], map: new Map([['inner', inner]]), set: new Set([inner]) })[
                wrapping
              ],
            { [name]: { canary, hidden } },
          );
          expect(JSON.stringify(redact(value))).not.toContain(canary);
        },
      ),
    );
  });

  it('never gives more than its limits allow', () => {
    fc.assert(
      fc.property(anything, fc.nat(20), fc.nat(5), fc.nat(4), (value, valuesMax, entriesMax, depthMax) => {
        const shown = redact(value, { valuesMax, entriesMax, depthMax, stringLengthMax: 8 });
        expect(countOf(shown)).toBeLessThanOrEqual(1 + valuesMax + (depthMax + 1) * (2 * entriesMax + 2));
        expect(depthOf(shown)).toBeLessThanOrEqual(2 * depthMax + 1);
      }),
    );
  });
});

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function countOf(value: unknown): number {
  return childrenOf(value).reduce<number>((count, child) => count + countOf(child), 1);
}

/** A Map is shown as pairs, which are one level more. */
function depthOf(value: unknown): number {
  return Math.max(0, ...childrenOf(value).map((child) => 1 + depthOf(child)));
}
