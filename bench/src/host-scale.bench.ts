import { hostSample, type HostSample } from './host-scale/host-sample.js';
import { seededHypervisor } from './host-scale/seeded-hypervisor.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { spreadOf, type Spread } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

const sizes = [100, 300, 1_000, 3_000, 10_000] as const;
const LARGEST = 10_000;
const RECOVERY_MS_GOAL = 3_000;
const SYNC_MS_GOAL = 1_000;
const BYTES_GOAL = 4_096;
/** Flat: the largest host pays at most so many times as much for an instance as the one of 1,000. */
const FLAT_GOAL = 1.5;

type Measured = Exclude<keyof HostSample, 'recordBytes' | 'managerBytes'>;

const names: Readonly<Record<Measured, string>> = {
  startAtRestMs: 'start, nothing to recover',
  recoveryMs: 'start, every instance interrupted',
  syncAtRestMs: 'power sync, every record true',
  syncOutOfDateMs: 'power sync, every record out of date',
};
const measured = Object.keys(names) as readonly Measured[];

async function main(): Promise<void> {
  const hosts = [];
  for (const size of sizes) hosts.push({ size, seeded: await seededHypervisor(size) });
  const contestants = hosts.map(({ size, seeded }) => ({ name: String(size), round: () => hostSample(seeded) }));
  const samples = await interleaved(contestants, { rounds: 7 });
  handIn({
    name: 'host-scale',
    question:
      'One host with 100 to 10,000 instances: start of the manager with its recovery, one power sync, memory. ' +
      'Fake driver without latency, store in memory, real clock, no log.',
    tables: [speeds(samples), costs(samples), memory(samples)],
    goals: goals(samples),
    notes: [
      'Interrupted: the record of each instance is in the middle of a start. Its guest is inspected, the action finished and written.',
      'Out of date: each record says stopped and its guest runs. It is asked for, inspected in its lane, and written.',
      'The record is what the store in memory holds of an instance; the manager, what it holds beside the store.',
    ],
  });
}

type Samples = ReadonlyMap<string, readonly HostSample[]>;

function of(samples: Samples, size: number, each: (sample: HostSample) => number): Spread {
  return spreadOf((samples.get(String(size)) ?? []).map(each));
}

const columns = ['', ...sizes.map((size) => `${size.toLocaleString('en')} instances`)];

function speeds(samples: Samples): Table {
  const rows = measured.map((what) => [
    names[what],
    ...sizes.map((size) => spreadFigure(of(samples, size, (sample) => sample[what]))),
  ]);
  return { title: 'Milliseconds', columns, rows };
}

function costs(samples: Samples): Table {
  const rows = measured.map((what) => [names[what], ...sizes.map((size) => figure(microseconds(samples, size, what)))]);
  return { title: 'Microseconds an instance', columns, rows };
}

function microseconds(samples: Samples, size: number, what: Measured): number {
  return of(samples, size, (sample) => (sample[what] * 1_000) / size).median;
}

/** The heap of a host of 100 comes and goes with whatever else the process holds. */
const weighed = sizes.filter((size) => size >= 1_000);

function memory(samples: Samples): Table {
  const row = (name: string, bytes: (sample: HostSample) => number): readonly string[] => [
    name,
    ...weighed.map((size) => figure(of(samples, size, (sample) => bytes(sample) / size).median)),
  ];
  return {
    title: 'Bytes of heap an instance',
    columns: ['', ...weighed.map((size) => `${size.toLocaleString('en')} instances`)],
    rows: [row('its record', ({ recordBytes }) => recordBytes), row('the manager', ({ managerBytes }) => managerBytes)],
  };
}

function goals(samples: Samples): readonly Goal[] {
  const compared = (goal: string, value: number, max: number, unit: string): Goal => ({
    goal,
    measured: `${figure(value)} ${unit}`,
    verdict: value < max ? 'met' : 'missed',
  });
  const ms = (what: Measured): number => of(samples, LARGEST, (sample) => sample[what]).median;
  const bytes = of(samples, LARGEST, (sample) => (sample.recordBytes + sample.managerBytes) / LARGEST).median;
  const flat = (what: Measured): number => microseconds(samples, LARGEST, what) / microseconds(samples, 1_000, what);
  return [
    compared('recovery of 10,000 interrupted instances: under 3 s', ms('recoveryMs'), RECOVERY_MS_GOAL, 'ms'),
    compared('power sync of 10,000: under 1 s', ms('syncAtRestMs'), SYNC_MS_GOAL, 'ms'),
    compared('memory: under 4 KiB an instance, record and manager', bytes, BYTES_GOAL, 'bytes'),
    ...(['recoveryMs', 'syncAtRestMs'] as const).map((what) =>
      compared(
        `${names[what]}: at 10,000 an instance costs at most ${FLAT_GOAL} times what it costs at 1,000`,
        flat(what),
        FLAT_GOAL,
        'times',
      ),
    ),
  ];
}

await main();
