import { Secret } from '@virtkit/core';
import { fromWire, toWire } from '@virtkit/core/driver';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const carried = (value: unknown): unknown => fromWire(toWire(value, { secrets: 'carry' }));

describe('what crosses to another process as text', () => {
  it.each([
    ['JSON', { text: 'a', count: 1.5, is: true, none: null, list: [1, [2], { three: 3 }] }],
    ['what JSON does not have', { big: 2n ** 70n, bytes: new Uint8Array([0, 1, 255]) }],
    ['an object with a tag of ours', { $secret: 'a', $object: { $bigint: '7' } }],
    ['an object inside such a one', { $bytes: { $bytes: 'AA==' } }],
    ['the key of the prototype', JSON.parse('{"__proto__":{"role":"admin"}}') as unknown],
  ])('comes back as it was: %s', (_what, value) => {
    expect(carried(value)).toEqual(value);
  });

  it('comes back as it was, whatever its keys are', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(carried(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('carries a secret only where it may, and never as a plain text', () => {
    const password = new Secret('hunter2');
    expect((carried({ password }) as { password: Secret }).password.reveal()).toBe('hunter2');
    expect(() => toWire({ password })).toThrow('the value.password is a secret');
  });

  it.each([
    ['a function', { call: () => 1 }, 'the value.call is a function'],
    ['a symbol', [Symbol('x')], 'the value[0] is a symbol'],
    ['no number', { count: Number.NaN }, 'the value.count is NaN'],
  ])('refuses %s, and says where it is', (_what, value, words) => {
    expect(() => toWire(value)).toThrow(words);
  });

  it('leaves out what is undefined; at the top it is null', () => {
    expect(carried({ a: undefined, b: [undefined] })).toEqual({ b: [null] });
    expect(carried(undefined)).toBeNull();
  });
});
