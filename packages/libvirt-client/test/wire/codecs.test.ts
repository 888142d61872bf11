import { describe, expect, it } from 'vitest';
import { array } from '../../src/wire/array-codec.js';
import { chars, fixedChars, opaque } from '../../src/wire/byte-codecs.js';
import type { Codec } from '../../src/wire/codec.js';
import { LibvirtArgumentError } from '../../src/wire/libvirt-argument-error.js';
import { char, f64, i32, i64, u32, u64, uchar, ushort } from '../../src/wire/number-codecs.js';
import { optional } from '../../src/wire/optional-codec.js';
import { ProtocolError } from '../../src/wire/protocol-error.js';
import { string, STRING_BYTES_MAX } from '../../src/wire/string-codec.js';
import { struct } from '../../src/wire/struct-codec.js';
import { typedParameter } from '../../src/wire/typed-parameter-codec.js';
import { uuid } from '../../src/wire/uuid-codec.js';
import { XdrReader } from '../../src/wire/xdr-reader.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';

function hex<Value>(codec: Codec<Value>, value: Value): string {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.bytes().toString('hex');
}

function read<Value>(codec: Codec<Value>, bytes: string): Value {
  const reader = new XdrReader(Buffer.from(bytes.replaceAll(' ', ''), 'hex'));
  const value = codec.read(reader);
  reader.end();
  return value;
}

const someUuid = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
// Bytes written by hand from RFC 4506 and libvirt's protocol description.
const onTheWire: readonly [string, Codec<never>, unknown, string][] = [
  ['u32', u32 as Codec<never>, 0xffff_fffe, 'fffffffe'],
  ['i32', i32 as Codec<never>, -2, 'fffffffe'],
  ['u64', u64 as Codec<never>, 2n ** 64n - 2n, 'fffffffffffffffe'],
  ['i64', i64 as Codec<never>, -2n, 'fffffffffffffffe'],
  ['f64', f64 as Codec<never>, -2, 'c000000000000000'],
  ['char', char as Codec<never>, -1, 'ffffffff'],
  ['uchar', uchar as Codec<never>, 255, '000000ff'],
  ['ushort', ushort as Codec<never>, 65_535, '0000ffff'],
  ['an empty string', string as Codec<never>, '', '00000000'],
  ['a string and its padding', string as Codec<never>, 'hällo', '00000006 68c3a46c 6c6f0000'],
  ['an absent string', optional(string) as Codec<never>, null, '00000000'],
  ['an empty optional string', optional(string) as Codec<never>, '', '00000001 00000000'],
  ['a uuid', uuid as Codec<never>, someUuid, '6ba7b810 9dad11d1 80b400c0 4fd430c8'],
  ['bytes', opaque(9) as Codec<never>, new Uint8Array([1, 2, 3, 4, 5]), '00000005 01020304 05000000'],
  ['chars, a word each', chars(9) as Codec<never>, new Uint8Array([1, 0xff]), '00000002 00000001 ffffffff'],
  ['a fixed number of chars', fixedChars(2) as Codec<never>, new Uint8Array([0x41, 0]), '00000041 00000000'],
  ['an array', array(u32, 3) as Codec<never>, [1, 2], '00000002 00000001 00000002'],
  ['a struct', struct({ b: u32, a: optional(u32) }) as Codec<never>, { b: 1, a: 2 }, '00000001 00000001 00000002'],
  [
    'a parameter: int',
    typedParameter as Codec<never>,
    { field: 'f', type: 'int', value: -1 },
    '00000001 66000000 00000001 ffffffff',
  ],
  [
    'a parameter: uint',
    typedParameter as Codec<never>,
    { field: 'f', type: 'uint', value: 1 },
    '00000001 66000000 00000002 00000001',
  ],
  [
    'a parameter: llong',
    typedParameter as Codec<never>,
    { field: 'f', type: 'llong', value: -1n },
    '00000001 66000000 00000003 ffffffffffffffff',
  ],
  [
    'a parameter: ullong',
    typedParameter as Codec<never>,
    { field: 'f', type: 'ullong', value: 1n },
    '00000001 66000000 00000004 0000000000000001',
  ],
  [
    'a parameter: double',
    typedParameter as Codec<never>,
    { field: 'f', type: 'double', value: 2 },
    '00000001 66000000 00000005 4000000000000000',
  ],
  [
    'a parameter: boolean',
    typedParameter as Codec<never>,
    { field: 'f', type: 'boolean', value: true },
    '00000001 66000000 00000006 00000001',
  ],
  [
    'a parameter: string',
    typedParameter as Codec<never>,
    { field: 'f', type: 'string', value: 'v' },
    '00000001 66000000 00000007 00000001 76000000',
  ],
];

describe('on the wire', () => {
  it.each(onTheWire)('%s is written and read as the protocol says', (_, codec, value, bytes) => {
    expect(hex(codec, value as never)).toBe(bytes.replaceAll(' ', ''));
    expect(read(codec, bytes)).toEqual(value);
  });

  it('bytes that are no UTF-8 become U+FFFD, as daemons repeat what other programs print', () => {
    expect(read(string, '00000002 61ff0000')).toBe('a\uFFFD');
  });

  it('a writer keeps what it has when it grows in the middle of any value', () => {
    for (let before = 1000; before <= 1024; before += 4) {
      const writer = new XdrWriter();
      writer.rest(new Uint8Array(before));
      for (const codec of [u32, i32]) codec.write(writer, 1);
      u64.write(writer, 2n);
      string.write(writer, 'abcd');
      expect(writer.bytes().subarray(before).toString('hex')).toBe(
        '00000001000000010000000000000002' + '0000000461626364',
      );
    }
  });
});

describe('an argument that does not fit', () => {
  const dom = struct({ name: string, uuid, id: i32 });
  const call = struct({ dom, flags: u32, doms: array(dom, 2) });
  const good = { name: 'n', uuid: someUuid, id: 1 };
  const wrong: readonly [string, unknown, string][] = [
    [
      'is named with its field, value and what is accepted',
      { dom: good, flags: -1, doms: [] },
      'flags: must be an integer from 0 to 4294967295, but is -1',
    ],
    ['may be missing', { dom: good, doms: [] }, 'flags: must be an integer from 0 to 4294967295, but is undefined'],
    ['may be deep', { dom: { ...good, uuid: 'x' }, flags: 0, doms: [] }, 'dom.uuid: must be a uuid, but is "x"'],
    [
      'may be in a list',
      { dom: good, flags: 0, doms: [good, { ...good, id: 0.5 }] },
      'doms[1].id: must be an integer from -2147483648 to 2147483647, but is 0.5',
    ],
    [
      'may be a list that is too long',
      { dom: good, flags: 0, doms: [good, good, good] },
      'doms: must have at most 2 items, but has 3',
    ],
    ['may be no list', { dom: good, flags: 0, doms: 'ab' }, 'doms: must be an array, but is "ab"'],
    ['may be no object', { dom: null, flags: 0, doms: [] }, 'dom: must be an object, but is null'],
    [
      'may hide a NUL',
      { dom: { ...good, name: 'a\0b' }, flags: 0, doms: [] },
      'dom.name: must not contain NUL, but is "a\\u0000b"',
    ],
  ];
  it.each(wrong)('%s', (_, value, message) => {
    expect(() => hex(call, value as never)).toThrow(expect.objectContaining({ name: 'LibvirtArgumentError', message }));
  });

  it.each([
    ['without dashes', someUuid.replaceAll('-', '')],
    ['in upper case', someUuid.toUpperCase()],
    ['without dashes and in upper case', someUuid.replaceAll('-', '').toUpperCase()],
  ])('may be a uuid %s', (_, value) => {
    expect(hex(uuid as Codec<never>, value as never)).toBe(hex(uuid as Codec<never>, someUuid as never));
  });

  it.each([
    ['u64', u64, 1],
    ['u64', u64, -1n],
    ['i64', i64, 2n ** 63n],
    ['f64', f64, '1'],
    ['uchar', uchar, 256],
    ['a uuid with dashes at some of their places', uuid, someUuid.replace('-', '')],
    ['a uuid without dashes and too short', uuid, someUuid.replaceAll('-', '').slice(1)],
    ['a uuid of 32 characters with a dash', uuid, `-${someUuid.replaceAll('-', '').slice(1)}`],
    ['a uuid with a dash elsewhere', uuid, '6ba7b8109-dad-11d1-80b4-00c04fd430c8'],
    ['a uuid with another letter', uuid, someUuid.replace('6', 'g')],
    ['a uuid with a letter beyond ASCII', uuid, someUuid.replace('6', 'ä')],
    ['a uuid that is none', uuid, 7],
    ['bytes', opaque(2), new Uint8Array(3)],
    ['bytes', opaque(2), [1]],
    ['chars', chars(2), new Uint8Array(3)],
    ['fixed chars', fixedChars(2), new Uint8Array(1)],
    ['a string', string, 'x'.repeat(STRING_BYTES_MAX + 1)],
    ['a string of many bytes', string, 'ä'.repeat(STRING_BYTES_MAX / 2 + 1)],
    ['a parameter without type', typedParameter, { field: 'f', type: 'long', value: 1n }],
    ['a parameter without value', typedParameter, { field: 'f', type: 'int' }],
  ])('is refused by %s', (_, codec, value) => {
    expect(() => hex(codec as Codec<never>, value as never)).toThrow(LibvirtArgumentError);
  });
});

describe('bytes that are no value', () => {
  it.each([
    ['a count above its limit', array(u32, 3), '00000004 00000000 00000000 00000000 00000000'],
    ['a count of more than was sent', array(u32, 1_000_000), '000f4240 00000000'],
    ['a count of large items', array(struct({ a: u64, b: u64 }), 100), '00000002 0000000000000000 0000000000000000'],
    ['a string longer than the message', string, '00000005 61000000'],
    ['a string longer than allowed', string, '00400001 61000000'],
    ['a presence that is neither', optional(u32), '00000002 00000001'],
    ['an unknown type of parameter', typedParameter, '00000001 66000000 00000008 00000000'],
    ['a char that is none', chars(2), '00000001 00000100'],
    ['a ushort that is none', ushort, '00010000'],
    ['too few', u64, '00000000'],
    ['too many', u32, '00000000 00000000'],
  ])('%s is refused', (_, codec, bytes) => {
    expect(() => read(codec as Codec<unknown>, bytes)).toThrow(ProtocolError);
  });
});
