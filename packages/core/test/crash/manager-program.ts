import process from 'node:process';
import {
  computeLog,
  createCompute,
  InProcessPeers,
  type AcceptedAction,
  type Compute,
  type ComputeOptions,
  type DriverDefinition,
  type HostPeers,
} from '@virtkit/core';
import type { ComputeStore, StoreWrite } from '@virtkit/core/store';
import { FakeDriver } from '@virtkit/driver-fake';
import { openSqliteStore } from '@virtkit/store-sql';
import { ProcessLine, remote, type Channel } from './process-line.js';
import { GuestEvents, remoteHypervisor } from './remote-hypervisor.js';

/**
 * A compute manager in a process of its own, to be killed. Its records are in a file; the hypervisor and the providers are in the process that
 * has started it, which asks it for everything it does, and learns of every commit before and after.
 */
const events = new GuestEvents();
const finished = new Map<string, Promise<unknown>>();
let opened: { readonly computes: Readonly<Record<string, Compute>>; readonly store: ComputeStore } | undefined;
let commitsAre: 'told' | 'not told' = 'not told';

const line = new ProcessLine(process as unknown as Channel, async ([name = '', ...path], args) => {
  if (name === 'open') return await open(args[0] as string, args[1] as readonly string[]);
  if (name === 'close') return await close();
  if (name === 'event') return events.deliver(...(args as Parameters<GuestEvents['deliver']>));
  if (name === 'tell') {
    commitsAre = 'told';
    return undefined;
  }
  if (name === 'finished') return await finished.get(args[0] as string);
  const answer = await callOf(opened?.[name as 'computes' | 'store'], path)(...args);
  if (isAccepted(answer)) finished.set(answer.action.uuid, answer.finished);
  return answer;
});

// Nobody is left to ask anything.
process.on('disconnect', () => process.exit());

const driver: DriverDefinition = {
  name: 'fake',
  contract: { atLeast: '1.0', below: '2.0' },
  configuration: { '~standard': { version: 1, vendor: 'virtkit', validate: (value) => ({ value }) } },
  create: (_, environment) =>
    new FakeDriver({ hypervisor: remoteHypervisor(environment.host, line, events) }, environment),
};

async function open(path: string, hosts: readonly string[]): Promise<void> {
  commitsAre = 'not told';
  const store = telling(await openSqliteStore({ path }));
  const peers = new InProcessPeers();
  const started = await Promise.all(hosts.map(async (host) => [host, await start(host, store, peers)] as const));
  const computes = Object.fromEntries(started);
  opened = { computes, store };
  for (const compute of Object.values(computes)) await compute.recovered();
  for (const [host, compute] of started) await nothingIsOpen(host, compute, store);
}

async function start(host: string, store: ComputeStore, peers: HostPeers): Promise<Compute> {
  return await createCompute({
    host,
    peers,
    session: { takeOver: 'at-once' },
    store,
    drivers: [driver],
    driver: { name: 'fake' },
    images: remote(line, ['images']) as NonNullable<ComputeOptions['images']>,
    networks: remote(line, ['networks']) as NonNullable<ComputeOptions['networks']>,
    volumes: remote(line, ['volumes']) as NonNullable<ComputeOptions['volumes']>,
    log: computeLog({ level: 'error', destination: { write: (text) => void line.call(['log'], [text]) } }),
  });
}

/** What could not be settled at once, because the manager of another host was not there yet, is settled a little later. */
async function nothingIsOpen(host: string, { events }: Compute, store: ComputeStore): Promise<void> {
  for (;;) {
    const changed = Promise.withResolvers<unknown>();
    const stopListening = events.on('instance.changed', changed.resolve);
    const isOpen = (await store.listUnfinishedActions(host)).length > 0;
    if (isOpen) await changed.promise;
    stopListening();
    if (!isOpen) return;
  }
}

async function close(): Promise<void> {
  await Promise.all(Object.values(opened?.computes ?? {}).map((compute) => compute.close()));
  await opened?.store.close();
  opened = undefined;
  finished.clear();
}

/** A store whose commits are points at which this process may be killed. */
function telling(store: ComputeStore): ComputeStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = member.bind(target) as (...args: readonly unknown[]) => Promise<unknown>;
      if (name !== 'commit') return method;
      return async (writes: readonly StoreWrite[], options: unknown) => {
        if (commitsAre === 'not told') return await method(writes, options);
        const nth = await line.call(['commit'], [0]);
        const committed = await method(writes, options);
        await line.call(['commit'], [nth, writes, committed]);
        return committed;
      };
    },
  });
}

function callOf(object: unknown, path: readonly string[]): (...args: readonly unknown[]) => unknown {
  const [name = '', ...rest] = path;
  const member: unknown = Reflect.get(object as object, name);
  if (rest.length > 0) return callOf(member, rest);
  return (member as (...args: readonly unknown[]) => unknown).bind(object);
}

function isAccepted(answer: unknown): answer is AcceptedAction {
  return typeof answer === 'object' && answer !== null && 'finished' in answer && answer.finished instanceof Promise;
}
