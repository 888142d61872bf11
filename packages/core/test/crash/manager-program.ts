import process from 'node:process';
import {
  computeLog,
  createCompute,
  systemClock,
  type AcceptedAction,
  type Clock,
  type Compute,
  type ComputeOptions,
  type DriverDefinition,
} from '@virtkit/core';
import type { ComputeStore } from '@virtkit/core/store';
import { FakeDriver } from '@virtkit/driver-fake';
import { openSqliteStore } from '@virtkit/store-sql';
import { quietLife } from '../support/fake-compute.js';
import { changesSomething } from './changes-something.js';
import { nothingIsOpen } from './nothing-is-open.js';
import type { OpenRequest } from './open-request.js';
import { callPath } from './call-path.js';
import { PeersByLine } from './peers-by-line.js';
import { ProcessLine, remoteObject, type Channel } from './process-line.js';
import { ProviderProcess } from './provider-process.js';
import { GuestEvents, remoteHypervisor } from './remote-hypervisor.js';
import { tellingStore } from './telling-store.js';

/**
 * A process to be killed. It holds the managers of hosts, or a file of records, or both, or the providers of all. The hypervisors are in the
 * process that has started it, which asks it for everything it does, and through which it reaches the managers of other processes.
 */
interface Opened {
  readonly computes: Readonly<Record<string, Compute>>;
  readonly store: ComputeStore;
  readonly close: () => Promise<void>;
  /** Resolves when each manager has lost its host and has closed. */
  readonly lost: () => Promise<void>;
}

/** What is tried again is tried sooner than outside of tests. Leases and deadlines last as long as ever. */
const clock: Clock = { ...systemClock, sleep: (ms, options) => systemClock.sleep(ms / 20, options) };

const events = new GuestEvents();
const providers = new ProviderProcess();
const finished = new Map<string, Promise<unknown>>();
let opened: Opened | undefined;
let points: OpenRequest['points'];

const line: ProcessLine = new ProcessLine(process as unknown as Channel, async ([name = '', ...path], args) => {
  switch (name) {
    case 'open':
      return await open(args[0] as OpenRequest);
    case 'settled':
      return await settled();
    case 'close':
      return await opened?.close();
    case 'lost':
      return await opened?.lost();
    case 'event':
      return events.deliver(...(args as Parameters<GuestEvents['deliver']>));
    case 'finished':
      return await finished.get(args[0] as string);
    case 'begin providers':
      return providers.begin();
    case 'provider':
      return await providers.answer(path, args);
    case 'peer':
      return await peers.answer(path, args);
    default:
      return await use(opened?.[name as 'computes' | 'store'], path, args);
  }
});
const peers = new PeersByLine(line, clock);

// Nobody is left to ask anything.
process.on('disconnect', () => process.exit());

const driver: DriverDefinition = {
  name: 'fake',
  contract: { atLeast: '2.0', below: '3.0' },
  configuration: { '~standard': { version: 1, vendor: 'virtkit', validate: (value) => ({ value }) } },
  create: (_, environment) =>
    new FakeDriver({ hypervisor: remoteHypervisor(environment.host, line, events, sending) }, environment),
};

/** The fence has let a change pass, and it is about to be sent. */
async function sending(path: readonly string[]): Promise<void> {
  if (points === 'fence too' && changesSomething(path)) await line.call(['sending'], [path.join('.')]);
}

async function open({ hosts, storePath, session = {}, points: told }: OpenRequest): Promise<void> {
  points = told;
  const own = storePath === null ? undefined : await openSqliteStore({ path: storePath });
  const store = own ?? (remoteObject(line, ['store']) as ComputeStore);
  const started: [string, Compute][] = [];
  for (const host of hosts) started.push([host, await start(host, own ? tellingStore(own, line) : store, session)]);
  const lost = started.map(async ([, compute]) => {
    await new Promise((resolve) => compute.events.on('session.lost', resolve));
    await compute.close();
  });
  opened = {
    computes: Object.fromEntries(started),
    store,
    lost: async () => void (await Promise.all(lost)),
    close: async () => {
      await Promise.all(started.map(([, compute]) => compute.close()));
      await own?.close();
      finished.clear();
    },
  };
}

async function start(
  host: string,
  store: ComputeStore,
  session: NonNullable<OpenRequest['session']>,
): Promise<Compute> {
  const compute = await createCompute({
    host,
    access: { hostResources: 'everybody' },
    peers,
    clock,
    // Whatever is put right is so by the recovery, and not by what looks now and then.
    hostLife: quietLife,
    session,
    store,
    drivers: [driver],
    driver: { name: 'fake' },
    images: remoteObject(line, ['images'], undefined, sending) as NonNullable<ComputeOptions['images']>,
    networks: remoteObject(line, ['networks'], undefined, sending) as NonNullable<ComputeOptions['networks']>,
    volumes: remoteObject(line, ['volumes'], undefined, sending) as NonNullable<ComputeOptions['volumes']>,
    log: computeLog({ level: 'error', destination: { write: (text) => void line.call(['log'], [text]) } }),
  });
  compute.events.on('notification.appended', ({ id }) => void line.call(['notification'], [id]));
  return compute;
}

async function settled(): Promise<void> {
  const { computes = {}, store } = opened ?? {};
  for (const [host, compute] of Object.entries(computes)) {
    await compute.recovered();
    if (store) await nothingIsOpen(host, compute, store);
  }
}

async function use(object: unknown, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
  const answer = await callPath(object, path, args);
  if (isAccepted(answer)) finished.set(answer.action.uuid, answer.finished);
  return answer;
}

function isAccepted(answer: unknown): answer is AcceptedAction {
  return typeof answer === 'object' && answer !== null && 'finished' in answer && answer.finished instanceof Promise;
}
