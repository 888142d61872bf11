import { runLoad, type Load, type LoadSample } from './lifecycle/load.js';
import { workPerOperation } from './lifecycle/work-per-operation.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved, type Contestant } from './measure/interleaved.js';
import { ratioOf, spreadOf, type Spread } from './measure/spread.js';
import { Nova, type NovaCost, type NovaLifecycle } from './peer/nova.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

/** Measured once on a machine like ours, for when Nova is not installed: operations a second, manager alone. */
const NOVA_RECORDED_PER_SECOND = 55;
const TIMES_NOVA_GOAL = 200;
const rounds = 15;

const ours: Readonly<Record<string, Load>> = {
  'ComputeManager, serial': { door: 'manager', inFlight: 1, cycles: 128 },
  'ComputeManager, 64 in flight': { door: 'manager', inFlight: 64, cycles: 256 },
  'ComputeApi, serial': { door: 'api', inFlight: 1, cycles: 128 },
  'ComputeApi, 64 in flight': { door: 'api', inFlight: 64, cycles: 256 },
};

interface NovaSample extends LoadSample {
  readonly sqlStatements: number;
}

type Sample = LoadSample & Partial<NovaSample>;

async function main(): Promise<void> {
  const nova = await Nova.start();
  try {
    const samples = await interleaved<readonly Sample[]>(contestants(nova), { rounds, warmUpRounds: 2 });
    const [manager, api] = [await workPerOperation('manager'), await workPerOperation('api')];
    handIn({
      name: 'lifecycle',
      question:
        'Lifecycle operations (hard reboot, pause, unpause, suspend, resume, stop, start, in this order again and again) ' +
        'through the decorated manager: fake driver without latency, store in memory, real clock, no log.',
      tables: [
        speeds(samples),
        {
          title: 'Work per operation',
          columns: ['', 'store commits', 'records written', 'records read', 'driver calls', 'allocated bytes'],
          rows: Object.entries({ ComputeManager: manager, ComputeApi: api }).map(([name, work]) => [
            name,
            ...[work.commits, work.writes, work.reads, work.driverCalls, work.allocatedBytes].map(figure),
          ]),
        },
      ],
      goals: [goal(samples)],
      notes: [
        ...(typeof nova === 'string'
          ? [`${nova} Its recorded ${NOVA_RECORDED_PER_SECOND} operations a second are the reference.`]
          : [
              "Nova's request adds to its manager: reading the instance, setting the task state, recording the action.",
            ]),
        'CPU is that of the process, its garbage collection included.',
      ],
    });
  } finally {
    if (typeof nova !== 'string') await nova[Symbol.asyncDispose]();
  }
}

/** A contestant answers one sample for each of its rows. */
function contestants(nova: Nova | string): Contestant<readonly Sample[]>[] {
  const loads = Object.entries(ours).map(([name, load]) => ({ name, round: async () => [await runLoad(load)] }));
  if (typeof nova === 'string') return loads;
  const round = async (): Promise<Sample[]> => {
    const answer = await nova.lifecycle({ cycles: 4 });
    return [novaSample(answer, answer.manager), novaSample(answer, answer.request)];
  };
  return [...loads, { name: novaNames.join(), round }];
}

const novaNames = ['Nova ComputeManager, serial', 'Nova, a whole request, serial'];

function novaSample({ operations }: NovaLifecycle, { seconds, cpuMs, sqlStatements }: NovaCost): NovaSample {
  return {
    operationsPerSecond: operations / seconds,
    cpuMsPerOperation: cpuMs / operations,
    sqlStatements: sqlStatements / operations,
  };
}

type Samples = ReadonlyMap<string, readonly (readonly Sample[])[]>;

function speeds(samples: Samples): Table {
  const rows = rowsOf(samples);
  return {
    title: 'Speed',
    columns: ['', 'operations/s', 'times Nova', 'CPU ms each', 'SQL statements each'],
    rows: [...rows].map(([name, row]) => {
      const statements = row.flatMap(({ sqlStatements = [] }) => sqlStatements);
      return [
        name,
        spreadFigure(spreadOf(perSecond(row))),
        spreadFigure(timesNova(row, rows)),
        figure(spreadOf(row.map(({ cpuMsPerOperation }) => cpuMsPerOperation)).median),
        statements.length > 0 ? figure(spreadOf(statements).median) : '0',
      ];
    }),
  };
}

/** One row a name: Nova's contestant answers for two. */
function rowsOf(samples: Samples): ReadonlyMap<string, readonly Sample[]> {
  const rows = [...samples].flatMap(([name, all]) => {
    const names = name === novaNames.join() ? novaNames : [name];
    return names.map((each, at) => [each, all.flatMap((sample) => sample[at] ?? [])] as const);
  });
  return new Map(rows);
}

function timesNova(row: readonly Sample[], rows: ReadonlyMap<string, readonly Sample[]>): Spread {
  const nova = rows.get('Nova ComputeManager, serial');
  return ratioOf(perSecond(row), nova ? perSecond(nova) : row.map(() => NOVA_RECORDED_PER_SECOND));
}

function perSecond(row: readonly Sample[]): readonly number[] {
  return row.map(({ operationsPerSecond }) => operationsPerSecond);
}

function goal(samples: Samples): Goal {
  const rows = rowsOf(samples);
  const { median } = timesNova(rows.get('ComputeManager, serial') ?? [], rows);
  return {
    goal: `ComputeManager, serial: ${TIMES_NOVA_GOAL} times Nova`,
    measured: `${figure(median)} times`,
    verdict: median >= TIMES_NOVA_GOAL ? 'met' : 'missed',
  };
}

await main();
