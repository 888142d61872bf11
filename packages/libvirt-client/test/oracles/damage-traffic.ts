import { PacketReader } from '../../src/wire/packet-reader.js';
import { HEADER_BYTES, readPacket, type Packet } from '../../src/wire/packet.js';
import { ProtocolError } from '../../src/wire/protocol-error.js';
import { XdrReader } from '../../src/wire/xdr-reader.js';
import { payloadCodec } from './payload-codec.js';

export interface DamageOutcome {
  /** Damaged packets that were values all the same. */
  read: number;
  /** Damaged packets that were refused with a ProtocolError. */
  refused: number;
  /** The largest growth of the heap and of buffers that was seen, in MiB. */
  grownMib: number;
  /** What must not be: an exception of another kind, or a cut packet that was taken for a whole one. */
  readonly faults: string[];
}

/** Larger packets are damaged too, but a million copies of them would only be slow. */
const DAMAGED_BYTES_MAX = 4_096;
const MIB = 1024 * 1024;
const interesting = [0, 1, 0x7f, 0x80, 0xff] as const;

/** Damages packets at random, `count` times, after cutting one of each kind at every byte. */
export function damageTraffic(
  packets: readonly Buffer[],
  { count, seed }: { readonly count: number; readonly seed: number },
): DamageOutcome {
  const kinds = onePerKind(packets);
  const outcome: DamageOutcome = { read: 0, refused: 0, grownMib: 0, faults: [] };
  const random = generator(seed);
  const before = used();
  for (const bytes of kinds) cutEverywhere(bytes, outcome);
  for (let turn = 0; turn < count; turn++) {
    const original = kinds[random(kinds.length)] as Buffer;
    take(damaged(original, random), original, outcome);
    if (turn % 10_000 === 0) outcome.grownMib = Math.max(outcome.grownMib, (used() - before) / MIB);
  }
  return outcome;
}

function onePerKind(packets: readonly Buffer[]): Buffer[] {
  const kinds = new Map<string, Buffer>();
  for (const bytes of packets) {
    const { program, procedure, type, status } = readPacket(bytes);
    const kind = `${program} ${procedure} ${type} ${status}`;
    // The longest has most to damage.
    const longest = kinds.get(kind);
    if (bytes.length <= DAMAGED_BYTES_MAX && bytes.length > (longest?.length ?? 0)) kinds.set(kind, bytes);
  }
  return [...kinds.values()];
}

/** A packet cut off is no packet; one whose length was cut with it lacks what its type needs. */
function cutEverywhere(bytes: Buffer, outcome: DamageOutcome): void {
  const codec = payloadCodec(readPacket(bytes));
  for (let length = 0; length < bytes.length; length++) {
    const reader = new PacketReader();
    reader.push(Buffer.from(bytes.subarray(0, length)), () => outcome.faults.push(`a packet out of ${length} bytes`));
    if (reader.pendingBytes !== length) outcome.faults.push(`${length} bytes are not pending`);
    if (codec === undefined || length < HEADER_BYTES) continue;
    const shorter = Buffer.from(bytes.subarray(0, length));
    shorter.writeUInt32BE(length, 0);
    if (read(shorter, codec) === 'read')
      outcome.faults.push(`${length} of ${bytes.length} bytes: ${bytes.toString('hex')}`);
  }
}

function damaged(original: Buffer, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(original);
  for (let changes = 1 + random(4); changes > 0; changes--) {
    // Words decide: lengths, counts, presence, types.
    const place = HEADER_BYTES + 4 * random(Math.max(1, (bytes.length - HEADER_BYTES) / 4));
    if (place + 4 > bytes.length) bytes[random(bytes.length)] = random(256);
    else if (random(2) === 0) bytes[place + random(4)] = interesting[random(interesting.length)] ?? 0;
    else bytes.writeUInt32BE(random(2) === 0 ? random(2 ** 32) : random(64), place);
  }
  if (random(8) === 0) bytes[random(HEADER_BYTES)] = random(256);
  return bytes;
}

function take(bytes: Buffer, original: Buffer, outcome: DamageOutcome): void {
  try {
    const packets = new PacketReader();
    let result: 'read' | 'refused' = 'refused';
    packets.push(bytes, (packet) => (result = read(bytes, codecFor(packet, original))));
    outcome[result]++;
  } catch (error) {
    if (error instanceof ProtocolError) outcome.refused++;
    else outcome.faults.push(`${String(error)}: ${bytes.toString('hex')}`);
  }
}

/** A connection refuses headers it has no use for; their payloads are read here as what they were. */
function codecFor(packet: Packet, original: Buffer): ReturnType<typeof payloadCodec> {
  const header = readPacket(original);
  return payloadCodec({ ...header, payload: packet.payload });
}

function read(bytes: Buffer, codec: ReturnType<typeof payloadCodec>): 'read' | 'refused' {
  if (codec === undefined) return 'read';
  try {
    const reader = new XdrReader(bytes.subarray(HEADER_BYTES));
    codec.read(reader);
    reader.end();
    return 'read';
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused';
    throw error;
  }
}

function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Numbers that are the same in every run (Marsaglia's xorshift). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
