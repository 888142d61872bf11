import fc from 'fast-check';
import { readProgram, type Field } from '../../scripts/protocol-description.mjs';

/** Arbitrary values made from the description files, so that they owe nothing to the codecs they test. */
const remote = readProgram('remote');
const structs = new Map(remote.structs.map(({ name, fields }) => [name, fields]));
/** Lists are kept short: their limits have tests of their own. */
const ITEMS_MAX = 3;

export function valueOf(fields: readonly Field[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(fields.map(({ name, type }) => [name, typed(type)])), { noNullPrototype: true });
}

function typed(type: string): fc.Arbitrary<unknown> {
  const chars = /^char\[(?<atMost><=)?(?<count>\d+)\]$/.exec(type)?.groups;
  if (chars !== undefined) return bytes(Number(chars['count']), chars['atMost'] === undefined ? 'exactly' : 'at most');
  const opaque = /^bytes<=(?<count>\d+)$/.exec(type)?.groups;
  if (opaque !== undefined) return bytes(Number(opaque['count']), 'at most');
  const list = /^(?<item>.+)\[<=(?<count>\d+)\]$/.exec(type)?.groups;
  if (list !== undefined) {
    return fc.array(typed(list['item'] ?? ''), { maxLength: Math.min(ITEMS_MAX, Number(list['count'])) });
  }
  if (type.endsWith('?')) return fc.option(typed(type.slice(0, -1)), { nil: null });
  const fields = structs.get(type);
  return fields === undefined ? primitive(type) : valueOf(fields);
}

function bytes(count: number, how: 'exactly' | 'at most'): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array(how === 'exactly' ? { minLength: count, maxLength: count } : { maxLength: Math.min(10, count) });
}

function primitive(type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'u32':
      return fc.integer({ min: 0, max: 0xffff_ffff });
    case 'i32':
      return fc.integer();
    case 'u64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    case 'i64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'char':
      return fc.integer({ min: -128, max: 127 });
    case 'uchar':
      return fc.integer({ min: 0, max: 255 });
    case 'ushort':
      return fc.integer({ min: 0, max: 65_535 });
    case 'uuid':
      return fc.uuid({ version: [1, 2, 3, 4, 5, 6, 7, 8] });
    case 'string':
      return text();
    case 'typedParam':
      return typedParameter();
    default:
      throw new Error(`the description has a type without arbitrary values: ${type}`);
  }
}

function text(): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => value.isWellFormed() && !value.includes('\0'));
}

function typedParameter(): fc.Arbitrary<unknown> {
  const of = (type: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.record({ field: text(), type: fc.constant(type), value }, { noNullPrototype: true });
  return fc.oneof(
    of('int', primitive('i32')),
    of('uint', primitive('u32')),
    of('llong', primitive('i64')),
    of('ullong', primitive('u64')),
    of('double', fc.double({ noNaN: true })),
    of('boolean', fc.boolean()),
    of('string', text()),
  );
}
