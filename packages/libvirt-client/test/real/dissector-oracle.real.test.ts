import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readProgram, type EventEntry, type Field, type ProcedureEntry } from '../../scripts/protocol-description.mjs';
import { procedures, qemuProcedures, type AnyProcedure, type EventMessage, type Program } from '../../src/index.js';
import { PacketType, writePacket } from '../../src/wire/packet.js';
import { XdrWriter } from '../../src/wire/xdr-writer.js';
import { valueOf } from '../procedures/described-values.js';
import { describedLeaves } from '../oracles/described-leaves.js';
import { dissect } from '../oracles/dissect.js';
import type { Leaf } from '../oracles/dissected-leaves.js';

const tables: Readonly<Record<string, unknown>> = { ...procedures, ...qemuProcedures };

interface Sample {
  readonly label: string;
  readonly number: string;
  readonly bytes: Buffer;
  readonly leaves: readonly Leaf[];
}

type Entry = EventEntry | ProcedureEntry;

/**
 * Texts become letters and digits: how tshark shows others is no question of libvirt's protocol. Where the dissector has
 * gaps the values are such that it can show them: texts called `type` are empty, as it takes them for numbers, and it
 * knows three ways to authenticate.
 */
function plain(value: unknown): unknown {
  if (typeof value === 'string' && !/^[\da-f]{8}-/.test(value)) return `${Buffer.from(value).toString('hex')}é`;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  const isParameter = 'field' in value && 'type' in value;
  const parts = Object.entries(value).map(([name, part]: [string, unknown]) => {
    if (name === 'type' && typeof part === 'string') return [name, isParameter ? part : ''];
    if (name === 'types' && Array.isArray(part)) return [name, part.map((type: number) => type % 3)];
    return [name, plain(part)];
  });
  return Object.fromEntries(parts);
}

function sample(entry: Entry, kind: 'call' | 'reply' | 'event', fields: readonly Field[], seed: number): Sample {
  const value = plain(fc.sample(valueOf(fields), { numRuns: 1, seed })[0]);
  const message = tables[entry.name] as AnyProcedure & EventMessage<unknown> & { readonly program: Program };
  const codec = { call: message.arguments, reply: message.result, event: message.payload }[kind];
  const type = { call: PacketType.CALL, reply: PacketType.REPLY, event: PacketType.EVENT }[kind];
  const writer = new XdrWriter();
  const { program, number: procedure } = message;
  const header = { program: program.number, version: program.version, procedure, type, serial: 7, status: 0 };
  writePacket(writer, header, () => codec.write(writer, value));
  const leaves = describedLeaves(fields, value);
  return { label: `${kind} ${entry.name} (seed ${seed})`, number: entry.number, bytes: writer.bytes(), leaves };
}

function samplesOf(entry: Entry): Sample[] {
  return [1, 2, 3].flatMap((seed) =>
    entry.kind === 'event'
      ? [sample(entry, 'event', entry.payload, seed)]
      : [sample(entry, 'call', entry.arguments, seed), sample(entry, 'reply', entry.result, seed)],
  );
}

/** The packages of Debian 12 know libvirt 9.0.0, so the ten of 11.3.0 are left out. */
it("libvirt's own dissector reads in our packets, of every procedure, the values that were sent", async () => {
  const entries = (['remote', 'qemu'] as const).flatMap((program) => readProgram(program).entries);
  const samples = entries.filter(({ since }) => since === undefined).flatMap(samplesOf);
  const directory = await mkdtemp(join(tmpdir(), 'vk-dissect-'));
  const dissected = await dissect(
    samples.map(({ bytes }) => bytes),
    directory,
  ).finally(() => rm(directory, { recursive: true }));
  const wrong = samples.flatMap(({ label, number, leaves }, index) => {
    const read = dissected[index];
    if (read === undefined) return [`${label}: not read`];
    if (!read.procedure.endsWith(` (${number})`)) return [`${label}: taken for ${read.procedure}`];
    if (read.unknown.length > 0) return [`${label}: ${read.unknown.join(', ')}`];
    const difference = firstDifference(leaves, read.leaves);
    return difference === undefined ? [] : [`${label}: ${difference}`];
  });
  expect(wrong).toEqual([]);
  // Of 443 and 7, so many are events.
  const events = entries.filter(({ kind, since }) => kind === 'event' && since === undefined).length;
  expect(samples).toHaveLength(3 * (2 * (443 + 7) - events));
});

function firstDifference(sent: readonly Leaf[], read: readonly Leaf[]): string | undefined {
  for (let index = 0; index < Math.max(sent.length, read.length); index++) {
    const [ours, theirs] = [sent[index], read[index]];
    if (ours?.name === theirs?.name && sameValue(ours?.shown, theirs?.shown)) continue;
    return `sent ${JSON.stringify(ours)}, read ${JSON.stringify(theirs)}`;
  }
  return undefined;
}

/** Doubles are shown with six digits. */
function sameValue(ours: string | undefined, theirs: string | undefined): boolean {
  if (ours === theirs) return true;
  if (ours === undefined || theirs === undefined || !/[.e]/.test(ours)) return false;
  return Number(Number(ours).toPrecision(6)) === Number(Number(theirs).toPrecision(6));
}
