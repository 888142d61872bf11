import { RpcConnection, type Domain } from '@virtkit/libvirt-client';
import { compiledPeer } from './libvirt/compiled-peer.js';
import { domainInfoPacket, handshakePackets } from './libvirt/raw-packets.js';
import { withPrivateLibvirtd } from './libvirt/with-private-libvirtd.js';
import { figure, spreadFigure } from './measure/figures.js';
import { interleaved, type Contestant } from './measure/interleaved.js';
import { ratioOf, spreadOf } from './measure/spread.js';
import { PeerProcess, peerSource } from './peer/peer-process.js';
import { handIn } from './report/hand-in.js';
import type { Goal, Table } from './report/report.js';

/** libvirt's simulated hypervisor: it answers at once, so that the clients are what differs. */
const uri = 'test:///default';
const inFlights = [1, 8, 64];
const OF_RAW_GOAL = 0.9;
const rounds = 31;

const names = {
  raw: 'raw bytes on the socket (C)',
  ours: '@virtkit/libvirt-client',
  wide: '@virtkit/libvirt-client, window 64',
  python: 'python3-libvirt',
};

const question = 'domainGetInfo calls a second on one connection to one libvirtd.';

async function main(): Promise<void> {
  const measured = await withPrivateLibvirtd(async ({ socketPath }, directory) => {
    await using connection = await RpcConnection.open({ uri, socketPath });
    await using wideConnection = await RpcConnection.open({ uri, socketPath, window: 64, priorityWindow: 64 });
    const [domain, wideDomain] = [await connection.lookupByName('test'), await wideConnection.lookupByName('test')];
    const firstRequest = { calls: 64, inFlight: 1 };
    const raw = await PeerProcess.start(
      {
        program: await compiledPeer('raw_socket', directory),
        args: [socketPath, domainInfoPacket(domain), ...handshakePackets(uri)],
      },
      firstRequest,
    );
    const python = await PeerProcess.start(
      {
        program: '/usr/bin/python3',
        args: [peerSource('python_libvirt.py'), `test+unix:///default?socket=${socketPath}`, 'test'],
      },
      firstRequest,
    );
    // XX
    const results: [number, Samples][] = [];
    for (const inFlight of inFlights) results.push([inFlight, await interleaved(contestants(inFlight), { rounds })]);
    return results;
  });
  if (typeof measured === 'string') {
    handIn({ name: 'libvirt-calls', question, tables: [], goals: [], notes: [`Not measured. ${measured}`] });
    return;
  }
  handIn({
    name: 'libvirt-calls',
    question,
    tables: measured.map(([inFlight, samples]) => table(inFlight, samples)),
    goals: measured.map(([inFlight, samples]) => goal(inFlight, samples)),
    notes: [
      'The window is how many calls the client lets the daemon have at once; the others wait in its own line. It is 4 unless set: ' +
        'with 5 slow calls on one connection libvirtd stops reading from it.',
      'Python has a thread for each call in flight.',
    ],
  });
}

const callsOf = (inFlight: number): number => (inFlight === 1 ? 1_000 : 3_200);

async function perSecond(peer: PeerProcess, inFlight: number): Promise<number> {
  const calls = callsOf(inFlight);
  const { seconds } = await peer.ask<{ seconds: number }>({ calls, inFlight });
  return calls / seconds;
}

async function ourPerSecond(domain: Domain, inFlight: number): Promise<number> {
  const calls = callsOf(inFlight);
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    for (let nth = 0; nth < calls / inFlight; nth++) await domain.getInfo();
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return calls / ((performance.now() - begun) / 1_000);
}

type Samples = ReadonlyMap<string, readonly number[]>;

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
  const [ofRaw, ofPython] = [ratioOf(ours, raw).median, ratioOf(ours, python).median];
  return {
    goal: `${inFlight} in flight: at least ${OF_RAW_GOAL} of raw C, and ahead of Python`,
    measured: `${figure(ofRaw)} of raw C, ${figure(ofPython)} of Python`,
    verdict: ofRaw >= OF_RAW_GOAL && ofPython > 1 ? 'met' : 'missed',
  };
}

await main();
