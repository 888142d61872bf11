import { fileURLToPath } from 'node:url';
import type { PrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { PeerProcess, peerSource } from '../peer/peer-process.js';
import { goPeer, rawPeer, unraidModule, type Built } from './built-peers.js';
import type { Work, WorkDone } from './work.js';

export const clientNames = {
  raw: 'raw bytes on the socket (C)',
  rawNode: 'raw bytes on the socket (Node.js)',
  ours: '@virtkit/libvirt-client',
  narrow: '@virtkit/libvirt-client, quickWindow 4',
  go: 'go-libvirt',
  python: 'python3-libvirt',
  unraid: '@unraid/libvirt',
} as const;

/** Those that somebody else has made, and that we compare ourselves with. */
export const peerNames: readonly string[] = [clientNames.go, clientNames.python, clientNames.unraid];

/** As many as other calls: what it costs to make no difference between quick reads and the others. */
const NARROW_WINDOW = 4;
const everything: readonly Work['work'][] = ['info', 'list', 'xml', 'stats', 'event'];

/** A client of libvirt in a process of its own. */
export interface Client {
  readonly name: string;
  /** The kinds of work it can do. */
  readonly works: readonly Work['work'][];
  readonly process: PeerProcess;
}

export interface Clients extends AsyncDisposable {
  readonly running: readonly Client[];
  /** A sentence for each that does not run here. */
  readonly missing: readonly string[];
}

/** Builds, installs and starts all clients. One that cannot run is named and left out. */
export async function startClients(
  { socketPath }: PrivateLibvirtd,
  directory: string,
  rawPackets: readonly string[],
): Promise<Clients> {
  const open = new AsyncDisposableStack();
  const running: Client[] = [];
  const missing: string[] = [];
  const start = async (name: string, built: Built, args: readonly string[], works = everything): Promise<void> => {
    const started = 'missing' in built ? built.missing : await PeerProcess.start({ ...built, args }, nothing);
    if (typeof started === 'string') missing.push(`${name} is missing here: ${started}`);
    else running.push({ name, works, process: open.use(started) });
  };
  const node: Built = { program: process.execPath };
  const ours = fileURLToPath(import.meta.resolve('./virtkit-client.js'));

  await start(clientNames.raw, await rawPeer(directory), [socketPath, ...rawPackets], ['info']);
  await start(clientNames.rawNode, node, [peerSource('raw-socket.mjs'), socketPath, ...rawPackets], ['info']);
  await start(clientNames.ours, node, [ours, socketPath]);
  await start(clientNames.narrow, node, [ours, socketPath, `${NARROW_WINDOW}`]);
  await start(clientNames.go, await goPeer(directory), [socketPath]);
  await start(clientNames.python, { program: '/usr/bin/python3' }, [peerSource('python_libvirt.py'), socketPath]);
  const unraid = await unraidModule();
  const unraidBuilt = 'missing' in unraid ? unraid : node;
  const unraidArgs = [peerSource('unraid-libvirt.mjs'), socketPath, 'program' in unraid ? unraid.program : ''];
  await start(clientNames.unraid, unraidBuilt, unraidArgs, ['info', 'list', 'xml']);
  return { running, missing, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

const nothing: Work = { work: 'info', calls: 1, inFlight: 1 };

export function doWork({ process }: Client, work: Work): Promise<WorkDone> {
  return process.ask<WorkDone>({ work: work.work, calls: work.calls, inFlight: work.inFlight });
}
