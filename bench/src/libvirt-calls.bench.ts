import { RpcConnection } from '@virtkit/libvirt-client';
import { clientNames as names, doWork, peerNames, startClients, type Client } from './clients/clients.js';
import type { WorkDone } from './clients/work.js';
import { domainInfoPacket, handshakePackets } from './libvirt/raw-packets.js';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { processCpuSeconds } from './measure/process-cpu-seconds.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

/** libvirt's simulated hypervisor: it answers at once, so that the clients are what differs. */
const uri = 'test:///default';
const inFlights = [1, 8, 64];
const OF_RAW_GOAL = 0.9;
/** A tie: one after another it is the daemon that decides. */
const OF_BEST_GOAL = 1 / 1.05;
const rounds = 15;

const question = 'domainGetInfo calls a second on one connection to one libvirtd.';

interface Sample {
  readonly perSecond: number;
  /** A call. */
  readonly cpuMicroseconds: number;
  /** A call, of libvirtd. */
  readonly daemonCpuMicroseconds: number;
}
type Samples = ReadonlyMap<string, readonly Sample[]>;

async function main(): Promise<void> {
  const measured = await withPrivateLibvirtd(async (daemon, directory) => {
    await using connection = await RpcConnection.open({ uri, socketPath: daemon.socketPath });
    const packets = [domainInfoPacket(await connection.lookupByName('test')), ...handshakePackets(uri)];
    await using clients = await startClients(daemon, directory, packets);
    const results: [number, Samples][] = [];
    for (const inFlight of inFlights) results.push([inFlight, await samplesOf(clients.running, inFlight, daemon.pid)]);
    return { results, missing: clients.missing, memory: await memoryTable(clients.running) };
  });
  const done = typeof measured === 'string' ? undefined : measured;
  const results = done?.results ?? [];
  handIn({
    name: 'libvirt-calls',
    question,
    tables: [...results.map(([inFlight, samples]) => table(inFlight, samples)), ...(done ? [done.memory] : [])],
    goals: results.flatMap(([inFlight, samples]) => goals(inFlight, samples)),
    notes: [
      ...(typeof measured === 'string' ? [`Not measured. ${measured}`] : measured.missing),
      'quickWindow is how many quick reads the client lets the daemon have at once while nothing else is under way: 64 unless set. ' +
        'Of other calls they are 4, because with 5 slow calls on one connection libvirtd stops reading from it.',
      `${names.rawNode} is the limit of Node.js: what is missing there to C, no client in Node.js can gain.`,
      'CPU has the part of the kernel in it. Python has a thread for each call in flight, Go a goroutine.',
    ],
  });
}

function samplesOf(clients: readonly Client[], inFlight: number, daemonPid: number): Promise<Samples> {
  const calls = inFlight === 1 ? 1_000 : 3_200;
  const contestants = clients.map((client) => ({
    name: client.name,
    round: async () => {
      const before = processCpuSeconds(daemonPid);
      const done = await doWork(client, { work: 'info', calls, inFlight });
      return sampleOf(done, processCpuSeconds(daemonPid) - before, calls);
    },
  }));
  return interleaved(contestants, { rounds, warmUpRounds: 2 });
}

function sampleOf({ seconds, cpuSeconds }: WorkDone, daemonCpuSeconds: number, calls: number): Sample {
  return {
    perSecond: calls / seconds,
    cpuMicroseconds: (cpuSeconds / calls) * 1e6,
    daemonCpuMicroseconds: (daemonCpuSeconds / calls) * 1e6,
  };
}

function table(inFlight: number, samples: Samples): Table {
  return {
    title: inFlight === 1 ? 'One after another' : `${inFlight} in flight`,
    columns: ['', 'calls/s', 'of raw C', 'CPU µs a call', 'libvirtd’s CPU µs a call'],
    rows: [...samples].map(([name, values]) => [
      name,
      spreadFigure(spreadOf(speeds(samples, name))),
      spreadFigure(ratioOf(speeds(samples, name), speeds(samples, names.raw))),
      figure(spreadOf(values.map(({ cpuMicroseconds }) => cpuMicroseconds)).median),
      // The kernel counts it in steps of 10 ms: only all rounds together say something.
      figure(values.reduce((sum, { daemonCpuMicroseconds }) => sum + daemonCpuMicroseconds, 0) / values.length),
    ]),
  };
}

async function memoryTable(clients: readonly Client[]): Promise<Table> {
  const rows = clients.map(async ({ name, process }) => [name, figure(await process.residentMib())]);
  return { title: 'Memory after all that', columns: ['', 'resident MiB'], rows: await Promise.all(rows) };
}

function speeds(samples: Samples, name: string): readonly number[] {
  return (samples.get(name) ?? []).map(({ perSecond }) => perSecond);
}

function goals(inFlight: number, samples: Samples): readonly Goal[] {
  const ours = speeds(samples, names.ours);
  const ofRaw = samples.has(names.raw) ? ratioOf(ours, speeds(samples, names.raw)).median : undefined;
  const ofPeers = peerNames
    .filter((name) => samples.has(name))
    .map((name) => ({ name, ratio: ratioOf(ours, speeds(samples, name)).median }));
  const wanted = inFlight === 1 ? OF_BEST_GOAL : 1;
  return [
    {
      goal: `${inFlight} in flight: at least ${OF_RAW_GOAL} of raw C`,
      measured: ofRaw === undefined ? '–' : figure(ofRaw),
      verdict: ofRaw === undefined ? 'not measured' : ofRaw >= OF_RAW_GOAL ? 'met' : 'missed',
    },
    {
      goal: `${inFlight} in flight: ${inFlight === 1 ? 'no peer is 1.05 times as fast' : 'ahead of every peer'}`,
      measured: ofPeers.map(({ name, ratio }) => `${figure(ratio)} of ${name}`).join(', ') || '–',
      verdict: ofPeers.length === 0 ? 'not measured' : ofPeers.every(({ ratio }) => ratio >= wanted) ? 'met' : 'missed',
    },
  ];
}

await main();
