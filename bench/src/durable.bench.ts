import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disksSyncsPerSecond } from './durable/disk-limit.js';
import { LivedInHost } from './durable/lived-in-host.js';
import { openSqlite } from './durable/sqlite-home.js';
import { runLoad, type Load } from './lifecycle/load.js';
import { workPerOperation } from './lifecycle/work-per-operation.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved, type Contestant } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { Nova } from './peer/nova.js';
import { handIn } from './report/hand-in.js';
import type { Goal } from './report/report.js';

/** Measured once on a machine like ours, for when Nova is not installed: operations a second, manager alone. */
const NOVA_RECORDED_PER_SECOND = 55;
const TIMES_NOVA_GOAL = 20;
const OF_LIMIT_GOAL = 0.5;
const SYNC_COUNT = 500;
const MANY = 64;
const MANY_CYCLES = 256;
const CYCLES_BEFORE = 2_048;
const rounds = 9;

const overwriting = "the disk's own limit: overwrite a page, fdatasync";
const appending = "the disk's own limit: append a page, fdatasync";
const serial = 'ComputeApi on SQLite, serial';
const many = `ComputeApi on SQLite, ${MANY} in flight`;
const steady = 'the same, on a store in use since long';
const memory = `ComputeApi in memory, ${MANY} in flight`;
const nova = 'Nova ComputeManager, serial';

const limits: readonly string[] = [overwriting, appending];
const onSqlite: readonly string[] = [serial, many, steady];

/** Everything in one directory, so that all are held up by the same disk. */
async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'virtkit-bench-'));
  const peer = await Nova.start();
  try {
    const { commits: commitsPerOperation } = await workPerOperation('api');
    const samples = await measured(directory, peer);
    const of = (name: string): readonly number[] => samples.get(name) ?? [];
    const novas = samples.has(nova) ? of(nova) : of(serial).map(() => NOVA_RECORDED_PER_SECOND);
    const row = (name: string): string[] => [
      name,
      limits.includes(name) ? '–' : spreadFigure(spreadOf(of(name))),
      onSqlite.includes(name) ? figure(spreadOf(of(name)).median * commitsPerOperation) : '–',
      limits.includes(name) ? spreadFigure(spreadOf(of(name))) : '–',
      ...limits.map((limit) => spreadFigure(ratioOf(of(name), of(limit)))),
      limits.includes(name) ? '–' : spreadFigure(ratioOf(of(name), novas)),
    ];
    handIn({
      name: 'durable',
      question:
        'The same lifecycle operations as requests to the API, each record of them on disk before it is acknowledged: ' +
        'SQLite in WAL mode with synchronous=FULL, fake driver without latency.',
      tables: [
        {
          title: 'Speed',
          columns: ['', 'operations/s', 'commits/s', 'syncs/s', 'of overwriting', 'of appending', 'times Nova'],
          rows: [...samples.keys()].map(row),
        },
      ],
      goals: [
        goal(`${many}: ${OF_LIMIT_GOAL} of overwriting`, ratioOf(of(many), of(overwriting)).median, OF_LIMIT_GOAL),
        goal(`${serial}: ${TIMES_NOVA_GOAL} times Nova`, ratioOf(of(serial), novas).median, TIMES_NOVA_GOAL),
      ],
      notes: [
        `An operation makes ${figure(commitsPerOperation)} commits, counted; commits that meet share a sync, so that there can be more of them than syncs.`,
        'The shares are operations by syncs. The goal is held against overwriting, the stricter limit and the one its number was taken from.',
        ...(typeof peer === 'string'
          ? [`${peer} Its recorded ${NOVA_RECORDED_PER_SECOND} a second are the reference.`]
          : []),
      ],
    });
  } finally {
    if (typeof peer !== 'string') await peer[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
}

async function measured(directory: string, peer: Nova | string): Promise<ReadonlyMap<string, readonly number[]>> {
  const openStore = () => openSqlite(directory);
  await using livedIn = await LivedInHost.open({ openStore, instanceCount: MANY, cyclesBefore: CYCLES_BEFORE });
  const load = (name: string, options: Omit<Load, 'door'>): Contestant<number> => ({
    name,
    round: async () => (await runLoad({ door: 'api', ...options })).operationsPerSecond,
  });
  const syncs = (name: string, writes: 'append' | 'overwrite'): Contestant<number> => ({
    name,
    round: () => Promise.resolve(disksSyncsPerSecond(directory, writes, SYNC_COUNT)),
  });
  const contestants = [
    syncs(overwriting, 'overwrite'),
    syncs(appending, 'append'),
    load(serial, { inFlight: 1, cycles: 32, openStore }),
    load(many, { inFlight: MANY, cycles: MANY_CYCLES, openStore }),
    { name: steady, round: async () => (await livedIn.run(MANY_CYCLES)).operationsPerSecond },
    load(memory, { inFlight: MANY, cycles: MANY_CYCLES }),
    ...(typeof peer === 'string' ? [] : [{ name: nova, round: () => novaPerSecond(peer) }]),
  ];
  return await interleaved(contestants, { rounds, warmUpRounds: 2 });
}

async function novaPerSecond(peer: Nova): Promise<number> {
  const { operations, manager } = await peer.lifecycle({ cycles: 4 });
  return operations / manager.seconds;
}

function goal(text: string, measured: number, wanted: number): Goal {
  return { goal: text, measured: figure(measured), verdict: measured >= wanted ? 'met' : 'missed' };
}

await main();
