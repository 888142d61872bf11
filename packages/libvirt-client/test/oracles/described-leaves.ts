import { readProgram, type Field } from '../../scripts/protocol-description.mjs';
import type { TypedParameter } from '../../src/index.js';
import type { Leaf } from './dissected-leaves.js';

const structs = new Map(
  (['remote', 'qemu'] as const).flatMap((program) =>
    readProgram(program).structs.map(({ name, fields }) => [name, fields]),
  ),
);
/** How the dissector calls the arms of the union in a typed parameter. */
const arms = { int: 'i', uint: 'ui', llong: 'l', ullong: 'ul', double: 'd', boolean: 'b', string: 's' } as const;

/** The values in `value` that have no parts, in the order in which they are sent, as the dissector would show them. */
export function describedLeaves(fields: readonly Field[], value: unknown): Leaf[] {
  return fields.flatMap(({ name, type }) => leavesOf(name, type, (value as Record<string, unknown>)[name]));
}

function leavesOf(name: string, type: string, value: unknown): Leaf[] {
  // The dissector takes every field of this name for an unsigned number; see `plain`.
  if (name === 'type' && type === 'string?') return [{ name, shown: value === null ? '0' : '1' }];
  if (name === 'type') return [{ name, shown: String(Number(value) >>> 0) }];
  if (type.endsWith('?')) {
    return value === null ? [{ name, shown: undefined }] : leavesOf(name, type.slice(0, -1), value);
  }
  if (type.startsWith('bytes')) return [{ name, shown: counted(value as Uint8Array) }];
  // The dissector shows chars one by one, with the sign they have in C.
  if (type.startsWith('char['))
    return Array.from(value as Uint8Array, (byte) => ({ name, shown: String((byte << 24) >> 24) }));
  const item = /^(?<item>.+)\[<=\d+\]$/.exec(type)?.groups?.['item'];
  if (item !== undefined) return (value as readonly unknown[]).flatMap((each) => leavesOf(name, item, each));
  if (type === 'typedParam') return parameterLeaves(value as TypedParameter);
  if (type === 'uuid') return [{ name, shown: colons((value as string).replaceAll('-', '')) }];
  const fields = structs.get(type);
  return fields === undefined ? [{ name, shown: String(value) }] : describedLeaves(fields, value);
}

function parameterLeaves({ field, type, value }: TypedParameter): Leaf[] {
  const shown = type === 'boolean' ? String(Number(value)) : String(value);
  return [
    { name: 'field', shown: field },
    { name: arms[type], shown },
  ];
}

/** Bytes come with their count and padding. */
function counted(bytes: Uint8Array): string {
  const whole = Buffer.alloc(4 + ((bytes.length + 3) & ~3));
  whole.writeUInt32BE(bytes.length);
  whole.set(bytes, 4);
  return colons(whole.toString('hex'));
}

function colons(hex: string): string {
  return hex.replace(/..(?!$)/g, '$&:');
}
