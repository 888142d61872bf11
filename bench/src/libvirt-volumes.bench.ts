import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { RpcConnection, type StorageVolume } from '@virtkit/libvirt-client';
import type { PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

const MIB = 128;
const BYTES = MIB * 2 ** 20;
const CHUNK_BYTES = 2 ** 20;
const rounds = 11;
const POOL = 'bench';
const VOLUME = 'volume.raw';

const names = {
  ours: '@virtkit/libvirt-client',
  streams: '@virtkit/libvirt-client, streams of Node.js',
  virsh: 'virsh',
};
const directions = ['upload', 'download'] as const;
type Direction = (typeof directions)[number];
type Samples = ReadonlyMap<string, readonly number[]>;

async function main(): Promise<void> {
  const measured = await withPrivateLibvirtd(async (daemon, directory) => {
    await using connection = await RpcConnection.open({ uri: 'qemu:///system', socketPath: daemon.socketPath });
    const volume = await newVolume(connection, join(directory, 'pool'));
    const [source, sink] = [join(directory, 'source'), join(directory, 'sink')];
    await writeFile(source, randomBytes(BYTES));

    const ours: Readonly<Record<Direction, () => Promise<unknown>>> = {
      upload: () => upload(volume, source),
      download: () => download(volume, sink),
    };
    const streams: Readonly<Record<Direction, () => Promise<unknown>>> = {
      upload: () => pipeline(createReadStream(source, { highWaterMark: CHUNK_BYTES }), volume.createWriteStream()),
      download: () => pipeline(volume.createReadStream(), createWriteStream(sink, { highWaterMark: CHUNK_BYTES })),
    };
    const virsh: Readonly<Record<Direction, () => Promise<unknown>>> = {
      upload: () => runVirsh(daemon, 'vol-upload', '--pool', POOL, VOLUME, source),
      download: () => runVirsh(daemon, 'vol-download', '--pool', POOL, VOLUME, sink),
    };
    const results: [Direction, Samples][] = [];
    for (const direction of directions) {
      const contestants = [
        { name: names.ours, round: async () => MIB / (await secondsOf(ours[direction])) },
        { name: names.streams, round: async () => MIB / (await secondsOf(streams[direction])) },
        { name: names.virsh, round: async () => MIB / (await virshSeconds(daemon, virsh[direction])) },
      ];
      results.push([direction, await interleaved(contestants, { rounds })]);
      await requireSame(source, direction === 'upload' ? join(directory, 'pool', VOLUME) : sink);
    }
    return results;
  });
  const results = typeof measured === 'string' ? [] : measured;
  handIn({
    name: 'libvirt-volumes',
    question: `MiB a second of ${MIB} MiB of random bytes between a file and a volume, nothing of it a hole.`,
    tables: results.map(([direction, samples]) => table(direction, samples)),
    goals: results.map(([direction, samples]) => goal(direction, samples)),
    notes: [
      ...(typeof measured === 'string' ? [`Not measured. ${measured}`] : []),
      'Ours has the file open itself and uses two buffers again and again; with streams of Node.js there is a new one each time.',
      'virsh is a process for each transfer: what `virsh uri` takes in the same round, start and connection, is taken off.',
    ],
  });
}

async function newVolume(connection: RpcConnection, directory: string): Promise<StorageVolume> {
  await mkdir(directory);
  const pool = await connection.storagePoolCreateXML(
    `<pool type='dir'><name>${POOL}</name><target><path>${directory}</path></target></pool>`,
  );
  return await pool.storageVolCreateXML(
    `<volume><name>${VOLUME}</name><capacity>${BYTES}</capacity><target><format type='raw'/></target></volume>`,
  );
}

/** Two buffers in turns: one is read into while the other is sent. */
async function upload(volume: StorageVolume, path: string): Promise<void> {
  await using file = await open(path);
  await using stream = await volume.upload(0n, BigInt(BYTES));
  let [reading, idle] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  let read = file.read(reading);
  for (;;) {
    const { bytesRead } = await read;
    if (bytesRead === 0) break;
    [reading, idle] = [idle, reading];
    read = file.read(reading);
    await stream.write(idle.subarray(0, bytesRead));
  }
  await stream.finish();
}

/** Two buffers in turns: one is written while the other is filled. */
async function download(volume: StorageVolume, path: string): Promise<void> {
  await using file = await open(path, 'w');
  await using stream = await volume.download(0n, 0n);
  let [filling, idle] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  let writing: Promise<unknown> = Promise.resolve();
  for (;;) {
    const filled = await stream.readInto(filling);
    await writing;
    if (filled === 0) break;
    [filling, idle] = [idle, filling];
    writing = file.write(idle, 0, filled);
  }
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

async function virshSeconds(daemon: PrivateLibvirtd, transfer: () => Promise<unknown>): Promise<number> {
  const starting = await secondsOf(() => runVirsh(daemon, 'uri'));
  return (await secondsOf(transfer)) - starting;
}

function runVirsh({ uri }: PrivateLibvirtd, ...args: readonly string[]): Promise<unknown> {
  return promisify(execFile)('virsh', ['--quiet', '--connect', uri, ...args]);
}

/** A transfer that is fast because it leaves something out is none. */
async function requireSame(one: string, other: string): Promise<void> {
  if (!(await readFile(one)).equals(await readFile(other))) throw new Error(`${one} and ${other} differ`);
}

function table(direction: Direction, samples: Samples): Table {
  return {
    title: direction === 'upload' ? 'Upload' : 'Download',
    columns: ['', 'MiB/s', 'of virsh'],
    rows: [...samples].map(([name, values]) => [
      name,
      spreadFigure(spreadOf(values)),
      spreadFigure(ratioOf(values, samples.get(names.virsh) ?? [])),
    ]),
  };
}

function goal(direction: Direction, samples: Samples): Goal {
  const ratio = ratioOf(samples.get(names.ours) ?? [], samples.get(names.virsh) ?? []).median;
  return {
    goal: `${direction}: at least the rate of virsh`,
    measured: figure(ratio),
    verdict: ratio >= 1 ? 'met' : 'missed',
  };
}

await main();
