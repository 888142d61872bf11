import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketReader } from '../../src/wire/packet-reader.js';
import { HEADER_BYTES, PACKET_BYTES_MAX, writePacket, type PacketHeader } from '../../src/wire/packet.js';
import { ProtocolError } from '../../src/wire/protocol-error.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';

const header: PacketHeader = { program: 0x20008086, version: 1, procedure: 212, type: 1, serial: 7, status: 0 };

function packetBytes(payload: Uint8Array, more: Partial<PacketHeader> = {}): Buffer {
  const writer = new XdrWriter();
  writePacket(writer, { ...header, ...more }, () => writer.rest(payload));
  return writer.bytes();
}

/** What a reader makes of chunks: payloads are copied, as they are valid only inside the callback. */
function read(chunks: readonly Buffer[]): { serial: number; payload: string }[] {
  const reader = new PacketReader();
  const packets: { serial: number; payload: string }[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, ({ serial, payload }) => packets.push({ serial, payload: payload.toString('hex') }));
    // What a socket does with its buffer after each read.
    chunk.fill(0xee);
  }
  return packets;
}

function chunked(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += size)
    chunks.push(Buffer.from(bytes.subarray(offset, offset + size)));
  return chunks;
}

describe('a packet', () => {
  it('has the layout that the table says', () => {
    expect(packetBytes(Buffer.from([0xab, 0xcd])).toString('hex')).toBe(
      ['0000001e', '20008086', '00000001', '000000d4', '00000001', '00000007', '00000000', 'abcd'].join(''),
    );
  });

  it('leaves nothing behind when its payload cannot be written', () => {
    const writer = new XdrWriter();
    expect(() => writePacket(writer, header, () => writer.u32(-1))).toThrow(TypeError);
    expect(writer.length).toBe(0);
  });
});

describe('a packet reader', () => {
  it('gives the same packets for chunks of every size', () => {
    const bytes = Buffer.concat([packetBytes(Buffer.from([1, 2, 3])), packetBytes(Buffer.alloc(40, 9), { serial: 8 })]);
    const expected = [
      { serial: 7, payload: '010203' },
      { serial: 8, payload: '09'.repeat(40) },
    ];
    for (let size = 1; size <= bytes.length; size++) expect(read(chunked(bytes, size))).toEqual(expected);
  });

  it('gives the same packets however they are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 });
    const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(payloads, cuts, (contents, sizes) => {
        const bytes = Buffer.concat(contents.map((payload, serial) => packetBytes(payload, { serial })));
        const chunks: Buffer[] = [];
        for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(Buffer.from(bytes.subarray(offset, offset + size)));
          offset += size;
        }
        const expected = contents.map((payload, serial) => ({ serial, payload: Buffer.from(payload).toString('hex') }));
        expect(read(chunks)).toEqual(expected);
      }),
    );
  });

  it('takes a large packet in small chunks', () => {
    const payload = Buffer.alloc(3 * 1024 * 1024, 5);
    const small = packetBytes(Buffer.from([1]), { serial: 9 });
    const packets = read(chunked(Buffer.concat([packetBytes(payload), small]), 65_536));
    expect(packets.map(({ serial, payload: hex }) => [serial, hex.length / 2])).toEqual([
      [7, payload.length],
      [9, 1],
    ]);
  });

  it.each([0, 1, HEADER_BYTES - 1, PACKET_BYTES_MAX + 1, 0xffff_ffff])(
    'refuses the length %i, whole or cut',
    (length) => {
      const bytes = Buffer.alloc(HEADER_BYTES);
      bytes.writeUInt32BE(length, 0);
      expect(() => read([Buffer.from(bytes)])).toThrow(ProtocolError);
      expect(() => read(chunked(bytes, 3))).toThrow(ProtocolError);
    },
  );

  it('does not allocate what a length announces, only what has come', () => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    bytes.writeUInt32BE(PACKET_BYTES_MAX, 0);
    const reader = new PacketReader();
    const before = process.memoryUsage().arrayBuffers;
    reader.push(bytes, () => expect.unreachable());
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
    expect(reader.pendingBytes).toBe(HEADER_BYTES);
  });
});
