import { RpcConnection, type Domain } from '@virtkit/libvirt-client';
import { compiledPeer } from './libvirt/compiled-peer.js';
import { domainInfoPacket, handshakePackets } from './libvirt/raw-packets.js';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { PeerProcess, peerSource } from './peer/peer-process.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

/** libvirt's simulated hypervisor: it answers at once, so that the clients are what differs. */
const uri = 'test:///default';
const inFlights = [1, 8, 64];
const OF_RAW_GOAL = 0.9;
const rounds = 31;
/** What the client has unless told otherwise. */
const DEFAULT_WINDOW = 4;
const WIDE_WINDOW = 64;

const names = {
  raw: 'raw bytes on the socket (C)',
  ours: '@virtkit/libvirt-client',
  wide: '@virtkit/libvirt-client, window 64',
  python: 'python3-libvirt',
};

const question = 'domainGetInfo calls a second on one connection to one libvirtd.';

type Samples = ReadonlyMap<string, readonly number[]>;

async function main(): Promise<void> {
  const missing: string[] = [];
  const measured = await withPrivateLibvirtd(async ({ socketPath }, directory) => {
    await using open = new AsyncDisposableStack();
    const connect = async (window: number): Promise<Domain> => {
      const options = { uri, socketPath, window, priorityWindow: window };
      return await open.use(await RpcConnection.open(options)).lookupByName('test');
    };
    const [domain, wideDomain] = [await connect(DEFAULT_WINDOW), await connect(WIDE_WINDOW)];
    const contestants: Speeds[] = [];
    const peer = async (name: string, program: string, args: readonly string[]): Promise<void> => {
      const started = await PeerProcess.start({ program, args }, { calls: 1, inFlight: 1 });
      if (typeof started === 'string') missing.push(`${name} did not run here: ${started}`);
      else contestants.push({ name, perSecond: peerPerSecond(open.use(started)) });
    };

    const rawArgs = [socketPath, domainInfoPacket(domain), ...handshakePackets(uri)];
    await peer(names.raw, await compiledPeer('raw_socket', directory), rawArgs);
    contestants.push({ name: names.ours, perSecond: ourPerSecond(domain) });
    contestants.push({ name: names.wide, perSecond: ourPerSecond(wideDomain) });
    const pythonArgs = [peerSource('python_libvirt.py'), `test+unix:///default?socket=${socketPath}`, 'test'];
    await peer(names.python, '/usr/bin/python3', pythonArgs);

    const results: [number, Samples][] = [];
    for (const inFlight of inFlights) results.push([inFlight, await samplesOf(contestants, inFlight)]);
    return results;
  });
  const results = typeof measured === 'string' ? [] : measured;
  handIn({
    name: 'libvirt-calls',
    question,
    tables: results.map(([inFlight, samples]) => table(inFlight, samples)),
    goals: results.map(([inFlight, samples]) => goal(inFlight, samples)),
    notes: [
      ...(typeof measured === 'string' ? [`Not measured. ${measured}`] : missing),
      'The window is how many calls the client lets the daemon have at once; the others wait in its own line. It is 4 unless set: ' +
        'with 5 slow calls on one connection libvirtd stops reading from it.',
      'Python has a thread for each call in flight.',
    ],
  });
}

/** Somebody who makes calls, so and so many of them in flight, and answers how many that were a second. */
interface Speeds {
  readonly name: string;
  readonly perSecond: (calls: number, inFlight: number) => Promise<number>;
}

function samplesOf(contestants: readonly Speeds[], inFlight: number): Promise<Samples> {
  const calls = inFlight === 1 ? 1_000 : 3_200;
  const round = ({ name, perSecond }: Speeds) => ({ name, round: () => perSecond(calls, inFlight) });
  return interleaved(contestants.map(round), { rounds });
}

function peerPerSecond(peer: PeerProcess): Speeds['perSecond'] {
  return async (calls, inFlight) => calls / (await peer.ask<{ seconds: number }>({ calls, inFlight })).seconds;
}

function ourPerSecond(domain: Domain): Speeds['perSecond'] {
  return async (calls, inFlight) => {
    const begun = performance.now();
    const caller = async (): Promise<void> => {
      for (let nth = 0; nth < calls / inFlight; nth++) await domain.getInfo();
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    return calls / ((performance.now() - begun) / 1_000);
  };
}

function table(inFlight: number, samples: Samples): Table {
  return {
    title: inFlight === 1 ? 'One after another' : `${inFlight} in flight`,
    columns: ['', 'calls/s', 'of raw C'],
    rows: [...samples].map(([name, values]) => [
      name,
      spreadFigure(spreadOf(values)),
      spreadFigure(ratioOf(values, samples.get(names.raw) ?? [])),
    ]),
  };
}

function goal(inFlight: number, samples: Samples): Goal {
  const [ours = [], raw = [], python = []] = [names.ours, names.raw, names.python].map((name) => samples.get(name));
  const ofRaw = ratioOf(ours, raw).median;
  const ofPython = python.length > 0 ? ratioOf(ours, python).median : undefined;
  return {
    goal: `${inFlight} in flight: at least ${OF_RAW_GOAL} of raw C, and ahead of Python`,
    measured: `${figure(ofRaw)} of raw C, ${ofPython === undefined ? '?' : figure(ofPython)} of Python`,
    verdict: ofRaw < OF_RAW_GOAL || (ofPython ?? 1) < 1 ? 'missed' : ofPython === undefined ? 'not measured' : 'met',
  };
}

await main();
