import { RpcConnection } from '@virtkit/libvirt-client';
import { clientNames as names, doWork, peerNames, startClients, type Client } from './clients/clients.js';
import type { Work } from './clients/work.js';
import { defineHostDomains } from './libvirt/host-domains.js';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

const DOMAINS = 500;
/** A tie: much of the time is the daemon's. */
const OF_BEST_GOAL = 1.05;
const rounds = 15;

interface Question extends Work {
  readonly title: string;
  readonly unit: 'ms' | 'µs';
  /** How many of the unit are in what is counted: a call, or all domains. */
  readonly per: number;
  readonly goal: 'ahead' | 'tie';
}

const questions: readonly Question[] = [
  ask('List of all domains, one call', { work: 'list', calls: 20, inFlight: 1 }, { unit: 'ms', per: 20 }),
  ask('XML of all domains, one after another', { work: 'xml', calls: DOMAINS, inFlight: 1 }),
  ask('XML of all domains, 8 in flight', { work: 'xml', calls: DOMAINS, inFlight: 8 }, { goal: 'ahead' }),
  ask('Statistics of all domains, one call', { work: 'stats', calls: 5, inFlight: 1 }, { per: 5 }),
  ask('From suspend sent to its event', { work: 'event', calls: 100, inFlight: 1 }, { unit: 'µs', per: 100 }),
];

function ask(title: string, work: Work, how: Partial<Question> = {}): Question {
  return { title, unit: 'ms', per: 1, goal: 'tie', ...work, ...how };
}

interface Sample {
  readonly took: number;
  readonly cpu: number;
}
type Samples = ReadonlyMap<string, readonly Sample[]>;

async function main(): Promise<void> {
  const measured = await withPrivateLibvirtd(async (daemon, directory) => {
    const { socketPath } = daemon;
    await using host = await RpcConnection.open({ uri: 'qemu:///system', socketPath });
    // The simulated host is there as long as somebody is connected to it.
    await using _simulated = await RpcConnection.open({ uri: 'test:///default', socketPath });
    await defineHostDomains(host, DOMAINS);
    await using clients = await startClients(daemon, directory, []);
    const results: [Question, Samples][] = [];
    for (const question of questions) results.push([question, await samplesOf(clients.running, question)]);
    return {
      results,
      missing: clients.missing.filter(
        (sentence) => !sentence.startsWith(names.raw) && !sentence.startsWith(names.rawNode),
      ),
    };
  });
  const done = typeof measured === 'string' ? undefined : measured;
  handIn({
    name: 'libvirt-bulk',
    question: `${DOMAINS} domains of QEMU, defined and not running, and events of a simulated one, on one connection each.`,
    tables: (done?.results ?? []).map(([question, samples]) => table(question, samples)),
    goals: (done?.results ?? []).map(([question, samples]) => goal(question, samples)),
    notes: [
      ...(typeof measured === 'string' ? [`Not measured. ${measured}`] : measured.missing),
      'Every client decodes what it gets into its own objects.',
      `${names.unraid} has neither the statistics of all domains nor events.`,
    ],
  });
}

function samplesOf(clients: readonly Client[], question: Question): Promise<Samples> {
  const unitsPerSecond = question.unit === 'ms' ? 1e3 : 1e6;
  const contestants = clients
    .filter(({ works }) => works.includes(question.work))
    .map((client) => ({
      name: client.name,
      round: async (): Promise<Sample> => {
        const { seconds, cpuSeconds } = await doWork(client, question);
        const scale = unitsPerSecond / question.per;
        return { took: seconds * scale, cpu: cpuSeconds * scale };
      },
    }));
  return interleaved(contestants, { rounds, warmUpRounds: 2 });
}

function table({ title, unit }: Question, samples: Samples): Table {
  const ours = took(samples, names.ours);
  return {
    title,
    columns: ['', unit, 'times ours', `CPU ${unit}`],
    rows: [...samples].map(([name, values]) => [
      name,
      spreadFigure(spreadOf(took(samples, name))),
      spreadFigure(ratioOf(took(samples, name), ours)),
      figure(spreadOf(values.map(({ cpu }) => cpu)).median),
    ]),
  };
}

function took(samples: Samples, name: string): readonly number[] {
  return (samples.get(name) ?? []).map((sample) => sample.took);
}

function goal(question: Question, samples: Samples): Goal {
  const ours = took(samples, names.ours);
  const ofPeers = peerNames
    .filter((name) => samples.has(name))
    .map((name) => ({ name, ratio: ratioOf(ours, took(samples, name)).median }));
  const most = question.goal === 'ahead' ? 1 : OF_BEST_GOAL;
  return {
    goal: `${question.title}: ${question.goal === 'ahead' ? 'less than every peer' : `at most ${OF_BEST_GOAL} times any peer`}`,
    measured: ofPeers.map(({ name, ratio }) => `${figure(ratio)} of ${name}`).join(', ') || '–',
    verdict: ofPeers.length === 0 ? 'not measured' : ofPeers.every(({ ratio }) => ratio <= most) ? 'met' : 'missed',
  };
}

await main();
