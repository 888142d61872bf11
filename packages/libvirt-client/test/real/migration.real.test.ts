import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildGuestImage,
  guestDomainXml,
  startPrivateLibvirtd,
  waitForLine,
  type PrivateLibvirtd,
} from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DomainEventSuspendedDetailType,
  DomainEventType,
  DomainMigrateFlags,
  DomainState,
  ErrorNumber,
  LibvirtClient,
  LibvirtError,
  migrate,
  migrateToURI,
  MigrationError,
  procedures,
  type AnyProcedure,
  type DomainEvent,
  type EventSubscription,
  type JobStats,
} from '../../src/index.js';
import { FragileDialer } from '../migration/fragile-dialer.js';

const uuid = 'c0000000-0000-4000-8000-00000000000c';
const {
  VIR_MIGRATE_LIVE,
  VIR_MIGRATE_OFFLINE,
  VIR_MIGRATE_PERSIST_DEST,
  VIR_MIGRATE_POSTCOPY,
  VIR_MIGRATE_UNDEFINE_SOURCE,
} = DomainMigrateFlags;
/** Slow enough that a test is there in time: the guest has some 40 MiB that are not zero. */
const slowly = { bandwidthMibPerSecond: 1, progressIntervalMs: 50 } as const;
const migrateUri = 'tcp://127.0.0.1';

let root: string;
/** The host that has the guest, and the one that has not. A test may change them over. */
let here: Host;
let there: Host;
let xml: string;

interface Host {
  readonly daemon: PrivateLibvirtd;
  readonly client: LibvirtClient;
}

async function startHost(name: string): Promise<Host> {
  const daemon = await startPrivateLibvirtd({ directory: join(root, name) });
  return { daemon, client: await LibvirtClient.connect({ uri: daemon.uri }) };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vk-mig-'));
  const image = await buildGuestImage();
  here = await startHost('a');
  there = await startHost('b');
  const serialLogPath = join(root, 'guest.log');
  xml = guestDomainXml({ name: 'guest', uuid, image, serialLogPath, memoryMib: 96 });
  await here.client.createXML(xml);
  await waitForLine(serialLogPath, /^GUEST-UP/);
});

afterAll(async () => {
  for (const { client, daemon } of [here, there]) {
    await client.close();
    await daemon.stop();
  }
  await rm(root, { recursive: true });
});

beforeEach(async () => {
  await expectGuest('running', here);
  await expectGuest('absent', there);
});

async function expectGuest(what: 'running' | 'absent', { client }: Host): Promise<void> {
  const domain = { name: 'guest', uuid, id: -1 };
  const state = client.lookupByUUID(uuid).then((found) => found.getState());
  if (what === 'running') expect(await state).toMatchObject({ state: DomainState.VIR_DOMAIN_RUNNING });
  else await expect(state, domain.name).rejects.toMatchObject({ code: ErrorNumber.VIR_ERR_NO_DOMAIN });
}

function ends() {
  return { source: { uri: here.daemon.uri }, destination: { uri: there.daemon.uri }, migrateUri };
}

function swap(): void {
  [here, there] = [there, here];
}

function guest() {
  return here.client.lookupByUUID(uuid);
}

async function failureOf(migration: Promise<unknown>): Promise<MigrationError> {
  const error = await migration.then(
    () => new Error('it was migrated'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof MigrationError)) throw error;
  return error;
}

/** Migrates slowly; as soon as memory is on its way, `act` is called, once. */
function duringMigration(act: () => void, how: 'managed' | 'peer to peer'): Promise<unknown> {
  let isOnItsWay = false;
  const onProgress = ({ memoryProcessedBytes = 0n }: JobStats): void => {
    if (isOnItsWay || memoryProcessedBytes === 0n) return;
    isOnItsWay = true;
    act();
  };
  const options = { ...ends(), ...slowly, onProgress };
  const domain = { name: 'guest', uuid, id: -1 };
  return how === 'managed' ? migrate(domain, options) : migrateToURI(domain, there.daemon.uri, options);
}

async function whenSwitchedToPostCopy(subscription: EventSubscription<DomainEvent<'lifecycle'>>): Promise<void> {
  const { VIR_DOMAIN_EVENT_SUSPENDED } = DomainEventType;
  const { VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY } = DomainEventSuspendedDetailType;
  for await (const delivery of subscription) {
    if (delivery.kind !== 'event' || delivery.event.event !== VIR_DOMAIN_EVENT_SUSPENDED) continue;
    if (delivery.event.detail === VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY) return;
  }
}

/** The daemon does what it is asked, and the client does not learn so. */
async function migrateLosing(loses: AnyProcedure, side: 'source' | 'destination'): Promise<unknown> {
  const { daemon } = side === 'source' ? here : there;
  const { dial } = new FragileDialer(daemon.socketPath, loses);
  return migrate(await guest(), { ...ends(), [side]: { uri: daemon.uri, dial } });
}

/** The QEMU that a daemon has started for the guest. */
async function qemuPid({ daemon }: Host): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const parent = /^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${entry}/status`, 'utf8').catch(() => ''))?.[1];
    if (!command.includes(uuid) || parent === undefined) continue;
    const keeper = /^PPid:\s*(\d+)/m.exec(await readFile(`/proc/${daemon.pid}/status`, 'utf8'))?.[1];
    if (parent === keeper || Number(parent) === daemon.pid) return Number(entry);
  }
  throw new Error(`no QEMU runs the guest on ${daemon.directory}`);
}

describe('a running guest', () => {
  it('moves, led by this client, and back, led by the daemons', async () => {
    const moved = await migrate(await guest(), ends());
    expect(moved).toMatchObject({ name: 'guest', uuid });
    expect(moved.id).toBeGreaterThan(0);
    await expectGuest('absent', here);
    await expectGuest('running', there);
    swap();

    await migrateToURI(await guest(), there.daemon.uri, ends());
    await expectGuest('absent', here);
    await expectGuest('running', there);
    swap();
  });

  it.each(['managed', 'peer to peer'] as const)('stays when the migration is aborted on its way, %s', async (how) => {
    const abort = new AbortController();
    const moving =
      how === 'managed'
        ? migrate(await guest(), { ...ends(), ...slowly, signal: abort.signal, onProgress })
        : migrateToURI(await guest(), there.daemon.uri, { ...ends(), ...slowly, signal: abort.signal, onProgress });
    function onProgress({ memoryProcessedBytes = 0n }: JobStats): void {
      if (memoryProcessedBytes > 0n) abort.abort(new Error('enough'));
    }
    const error = await failureOf(moving);
    expect(error).toMatchObject({ phase: 'perform', how: 'aborted', guest: 'source', cause: { message: 'enough' } });
    expect(error.undone[0]).toEqual({ step: 'abort job', side: 'source', how: 'done' });
    // The destination's QEMU may have died of the broken stream before its daemon is told, which then says so.
    if (how === 'managed') expect(error.undone[1]).toMatchObject({ step: 'finish', side: 'destination' });
    expect(error.source).toMatchObject({ kind: 'present', state: DomainState.VIR_DOMAIN_RUNNING });
    expect(error.destination).toEqual({ kind: 'absent' });
  });

  it('stays when the destination refuses it', async () => {
    const destinationXml = xml.replace(/path='[^']*guest\.log'/, `path='${root}/missing/guest.log'`);
    const error = await failureOf(migrate(await guest(), { ...ends(), destinationXml }));
    expect(error).toMatchObject({ phase: 'prepare', side: 'destination', how: 'refused', guest: 'source' });
    expect(error.cause).toBeInstanceOf(LibvirtError);
    expect(error.undone).toEqual([{ step: 'confirm', side: 'source', how: 'done' }]);
  });

  it.each(['managed', 'peer to peer'] as const)("stays when the destination's QEMU is killed, %s", async (how) => {
    const killed: Promise<void>[] = [];
    const destination = there;
    const error = await failureOf(
      duringMigration(() => killed.push(qemuPid(destination).then((pid) => void process.kill(pid, 'SIGKILL'))), how),
    );
    await Promise.all(killed);
    expect(error).toMatchObject({ phase: 'perform', side: 'source', how: 'refused', guest: 'source' });
  });

  it.each(['managed', 'peer to peer'] as const)("stays when the destination's daemon is killed, %s", async (how) => {
    const killed: Promise<void>[] = [];
    const error = await failureOf(duringMigration(() => killed.push(there.daemon.kill('SIGKILL')), how));
    await Promise.all(killed);
    expect(error).toMatchObject({ phase: 'perform', guest: 'source', destination: { kind: 'unseen' } });
    expect(error).toMatchObject(how === 'managed' ? { side: 'destination', how: 'lost' } : { how: 'refused' });
    await there.daemon.start();
    await there.client.whenConnected({ timeoutMs: 30_000 });
  });

  it('goes on in post-copy to its end, for which an abort comes too late', async () => {
    await using subscription = await here.client.domainEventRegisterAny('lifecycle');
    const abort = new AbortController();
    const switched = whenSwitchedToPostCopy(subscription).then(() => abort.abort());
    const domain = await guest();
    const calls: Promise<unknown>[] = [];
    const switchOver = (): void => {
      calls.push(here.client.call(procedures.domainMigrateStartPostCopy, { dom: domain, flags: 0 }));
    };
    const onProgress = ({ memoryProcessedBytes = 0n }: JobStats): void => {
      if (memoryProcessedBytes > 0n && calls.length === 0) switchOver();
    };
    const flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_POSTCOPY;
    const parameters = [{ field: 'bandwidth.postcopy', type: 'ullong', value: 30n }] as const;
    await migrate(domain, { ...ends(), ...slowly, flags, parameters, onProgress, signal: abort.signal });
    await Promise.all(calls);
    await switched;
    await expectGuest('absent', here);
    await expectGuest('running', there);
    swap();
  });

  it('stays, and runs, when the client loses the source while the memory is sent', async () => {
    const fragile = new FragileDialer(here.daemon.socketPath);
    const source = { uri: here.daemon.uri, dial: fragile.dial };
    const onProgress = ({ memoryProcessedBytes = 0n }: JobStats): void => {
      if (memoryProcessedBytes > 0n) fragile.cut();
    };
    const error = await failureOf(migrate(await guest(), { ...ends(), ...slowly, source, onProgress }));
    expect(error).toMatchObject({ phase: 'perform', side: 'source', how: 'lost', guest: 'source' });
  });

  it.each([
    { loses: procedures.domainMigrateBegin3Params, undone: ['hang up source'] },
    { loses: procedures.domainMigratePrepare3Params, undone: ['hang up destination', 'confirm source'] },
    {
      loses: procedures.domainMigratePerform3Params,
      undone: ['hang up source', 'finish destination', 'resume source'],
    },
  ])('stays, and runs, when the answer is lost to $loses.name', async ({ loses, undone }) => {
    const side = loses === procedures.domainMigratePrepare3Params ? 'destination' : 'source';
    const error = await failureOf(migrateLosing(loses, side));
    expect(error).toMatchObject({ side, how: 'lost', guest: 'source' });
    expect(error.undone.map((undoing) => `${undoing.step} ${undoing.side}`)).toEqual(undone);
    expect(error.undone.every(({ how }) => how === 'done')).toBe(true);
  });

  it.each([
    { loses: procedures.domainMigrateFinish3Params, side: 'destination' },
    { loses: procedures.domainMigrateConfirm3Params, side: 'source' },
  ] as const)('has moved, and once, when the answer is lost to $loses.name', async ({ loses, side }) => {
    expect(await migrateLosing(loses, side)).toMatchObject({ name: 'guest', uuid });
    await expectGuest('absent', here);
    await expectGuest('running', there);
    swap();
  });

  it('takes its definition along when it is told to, and offline as well', async () => {
    await here.client.defineXMLFlags(xml);
    const flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE;
    await migrate(await guest(), { ...ends(), flags });
    await expectGuest('absent', here);
    await expectGuest('running', there);
    swap();

    const domain = await guest();
    await domain.destroyFlags();
    await migrate(domain, { ...ends(), flags: VIR_MIGRATE_OFFLINE | (flags & ~VIR_MIGRATE_LIVE) });
    await expectGuest('absent', here);
    const moved = await there.client.lookupByUUID(uuid);
    expect(await moved.getState()).toMatchObject({ state: DomainState.VIR_DOMAIN_SHUTOFF });
    expect(await moved.isPersistent()).toBe(true);
  });
});
