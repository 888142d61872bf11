import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProgram, type Field } from '../../scripts/protocol-description.mjs';
import * as qemu from '../../src/procedures/qemu.gen.js';
import * as remote from '../../src/procedures/remote.gen.js';
import type { AnyProcedure, EventMessage } from '../../src/procedures/procedure.js';
import type { Codec } from '../../src/wire/codec.js';
import { ProtocolError } from '../../src/wire/protocol-error.js';
import { XdrReader } from '../../src/wire/xdr-reader.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';
import { valueOf } from './described-values.js';

const tables = { remote, qemu } as Record<string, Readonly<Record<string, unknown>>>;

/** Every type that goes over the wire, with its description. */
const types = (['remote', 'qemu'] as const).flatMap((program) =>
  readProgram(program).entries.flatMap((entry): [string, Codec<unknown>, readonly Field[]][] => {
    const made = tables[program]?.[entry.name];
    if (entry.kind === 'event') {
      return [[`${program} ${entry.name}`, (made as EventMessage<unknown>).payload, entry.payload]];
    }
    const { arguments: given, result } = made as AnyProcedure;
    return [
      [`${program} ${entry.name} arguments`, given, entry.arguments],
      [`${program} ${entry.name} result`, result, entry.result],
    ];
  }),
);

function encode(codec: Codec<unknown>, value: unknown): Buffer {
  const writer = new XdrWriter();
  codec.write(writer, value);
  return writer.bytes();
}

function decode(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  const reader = new XdrReader(bytes);
  const value = codec.read(reader);
  reader.end();
  return value;
}

/** A value, or a ProtocolError. Anything else is a fault of ours, whatever the bytes. */
function decodeOrRefuse(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  try {
    return decode(codec, bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
}

describe('every procedure', () => {
  it('of libvirt 9.0.0 is there, and the ten of 11.3.0', () => {
    const entries = Object.values(remote).filter((entry) => entry !== remote.remote) as {
      number: number;
      since?: string;
    }[];
    const numbers = entries.map(({ number }) => number).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 453 }, (_, index) => index + 1));
    expect(entries.filter(({ since }) => since === '11.3.0').map(({ number }) => number)).toEqual(numbers.slice(443));
  });

  it('reads what was written', () => {
    for (const [name, codec, fields] of types) {
      const property = fc.property(valueOf(fields), (value) => {
        const bytes = encode(codec, value);
        expect(bytes.length % 4, name).toBe(0);
        expect(bytes.length, name).toBeGreaterThanOrEqual(codec.bytesMin);
        expect(decode(codec, bytes), name).toEqual(value);
      });
      fc.assert(property, { numRuns: 5 });
    }
  });

  it('refuses a message that is cut off, anywhere', () => {
    for (const [name, codec, fields] of types) {
      const [value] = fc.sample(valueOf(fields), { numRuns: 1, seed: 7 });
      const bytes = encode(codec, value);
      for (let length = 0; length < bytes.length; length++) {
        const result = decodeOrRefuse(codec, bytes.subarray(0, length));
        if (!(result instanceof ProtocolError))
          expect.fail(`${name}: ${length} of ${bytes.length} bytes were accepted`);
      }
    }
  });

  it('reads a message that is damaged as some value no larger than its bytes, or refuses it', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
      minLength: 1,
      maxLength: 4,
    });
    for (const [name, codec, fields] of types) {
      const property = fc.property(valueOf(fields), damage, (value, changes) => {
        const bytes = encode(codec, value);
        for (const [place, byte] of changes) if (bytes.length > 0) bytes[place % bytes.length] = byte;
        const result = decodeOrRefuse(codec, bytes);
        // Sixteen bytes of a uuid become 36 characters; nothing grows more than that.
        if (!(result instanceof ProtocolError)) expect(sizeOf(result), name).toBeLessThanOrEqual(3 * bytes.length);
      });
      fc.assert(property, { numRuns: 10 });
    }
  });
});

/** How much a value holds: characters, bytes and items. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  const parts = Object.values(value).map(sizeOf);
  return parts.reduce((sum, part) => sum + part, 0);
}
