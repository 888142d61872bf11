import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '@virtkit/store-sql';
import { disksSyncsPerSecond } from './durable/disk-limit.js';
import { runLoad, type Load, type OpenStore } from './lifecycle/load.js';
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
const rounds = 9;

const limit = "the disk's own limit: write a page, fdatasync";
const serial = 'ComputeApi on SQLite, serial';
const many = 'ComputeApi on SQLite, 64 in flight';
const memory = 'ComputeApi in memory, 64 in flight';
const nova = 'Nova ComputeManager, serial';

/** Everything in one directory, so that all are held up by the same disk. */
async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'virtkit-bench-'));
  const peer = await Nova.start();
  try {
    const samples = await interleaved(contestants(directory, peer), { rounds, warmUpRounds: 2 });
    const of = (name: string): readonly number[] => samples.get(name) ?? [];
    const novas = samples.has(nova) ? of(nova) : of(serial).map(() => NOVA_RECORDED_PER_SECOND);
    handIn({
      name: 'durable',
      question:
        'The same lifecycle operations as requests to the API, each record of them on disk before it is acknowledged: ' +
        'SQLite in WAL mode with synchronous=FULL, fake driver without latency.',
      tables: [
        {
          title: 'Speed',
          columns: ['', 'a second', "of the disk's limit", 'times Nova'],
          rows: [...samples].map(([name, row]) => [
            name,
            spreadFigure(spreadOf(row)),
            spreadFigure(ratioOf(row, of(limit))),
            name === limit ? '–' : spreadFigure(ratioOf(row, novas)),
          ]),
        },
      ],
      goals: [
        goal(`${many}: ${OF_LIMIT_GOAL} of the disk's limit`, ratioOf(of(many), of(limit)).median, OF_LIMIT_GOAL),
        goal(`${serial}: ${TIMES_NOVA_GOAL} times Nova`, ratioOf(of(serial), novas).median, TIMES_NOVA_GOAL),
      ],
      notes: [
        'A second: operations, and for the limit syncs. An operation makes three commits or, with task states on its way, up to five; ' +
          'commits that meet share a sync.',
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

function contestants(directory: string, peer: Nova | string): Contestant<number>[] {
  const openStore = (): Promise<OpenStore> => openSqlite(directory);
  const load = (name: string, options: Omit<Load, 'door'>): Contestant<number> => ({
    name,
    round: async () => (await runLoad({ door: 'api', ...options })).operationsPerSecond,
  });
  return [
    { name: limit, round: () => Promise.resolve(disksSyncsPerSecond(directory, 500)) },
    load(serial, { inFlight: 1, cycles: 32, openStore }),
    load(many, { inFlight: 64, cycles: 256, openStore }),
    load(memory, { inFlight: 64, cycles: 256 }),
    ...(typeof peer === 'string' ? [] : [{ name: nova, round: () => novaPerSecond(peer) }]),
  ];
}

async function novaPerSecond(peer: Nova): Promise<number> {
  const { operations, manager } = await peer.lifecycle({ cycles: 4 });
  return operations / manager.seconds;
}

async function openSqlite(directory: string): Promise<OpenStore> {
  const home = await mkdtemp(join(directory, 'store-'));
  const store = await openSqliteStore({ path: join(home, 'records.sqlite') });
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await rm(home, { recursive: true });
    },
  };
}

function goal(text: string, measured: number, wanted: number): Goal {
  return { goal: text, measured: figure(measured), verdict: measured >= wanted ? 'met' : 'missed' };
}

await main();
