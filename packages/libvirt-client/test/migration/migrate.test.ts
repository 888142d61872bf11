import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  DomainMigrateFlags,
  ErrorNumber,
  migrate,
  migrateToURI,
  procedures,
  type JobStats,
  type MigrateOptions,
} from '../../src/index.js';
import { ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: 'a0000000-0000-4000-8000-00000000000a', id: 7 };
const { VIR_MIGRATE_LIVE, VIR_MIGRATE_NON_SHARED_DISK, VIR_MIGRATE_NON_SHARED_INC, VIR_MIGRATE_PEER2PEER } =
  DomainMigrateFlags;

let source: ScriptedPeer;
let destination: ScriptedPeer;

beforeEach(async () => {
  source = await ScriptedPeer.listen();
  destination = await ScriptedPeer.listen();
  source.answer(procedures.domainGetState, () => ({ state: 1, reason: 1 }));
  source.answer(procedures.domainMigrateBegin3Params, () => ({ cookie_out: cookie('begin'), xml: '<domain/>' }));
  source.answer(procedures.domainMigrateConfirm3Params, () => ({}));
  destination.answer(procedures.domainMigratePrepare3Params, () => ({
    ...{ cookie_out: cookie('prepare'), uri_out: 'tcp://there:49152' },
  }));
  destination.answer(procedures.domainMigrateFinish3Params, () => ({
    dom: { ...dom, id: 1 },
    cookie_out: cookie('f'),
  }));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await source[Symbol.asyncDispose]();
  await destination[Symbol.asyncDispose]();
});

function cookie(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function ends(): MigrateOptions {
  return { source: { socketPath: source.socketPath }, destination: { socketPath: destination.socketPath } };
}

describe('migrate', () => {
  it('says to the daemons what it was told, tells how far it is, and leaves no connection open', async () => {
    const params = [
      { type: 'ullong', field: 'data_total', value: 100n },
      { type: 'ullong', field: 'time_elapsed', value: 7n },
    ] as const;
    source.answer(procedures.domainGetJobStats, () => ({ type: 2, params }));
    let told!: (stats: JobStats) => void;
    const progress = new Promise<JobStats>((resolve) => (told = resolve));
    const moving = migrate(dom, {
      ...{ ...ends(), bandwidthMibPerSecond: 10, destinationName: 'moved', persistentXml: '<p/>' },
      ...{ flags: VIR_MIGRATE_LIVE | VIR_MIGRATE_NON_SHARED_DISK, migrateDisks: ['vda', 'vdb'] },
      ...{ parallelConnections: 2, onProgress: told, progressIntervalMs: 1 },
    });
    const performing = await source.next(procedures.domainMigratePerform3Params);
    expect(await progress).toMatchObject({ type: 2, elapsedMs: 7, dataTotalBytes: 100n });
    expect(performing.args).toMatchObject({ dom, dconnuri: null, cookie_in: cookie('prepare'), flags: 1 + 64 + 256 });
    expect(performing.args.params).toEqual([
      { field: 'destination_name', type: 'string', value: 'moved' },
      { field: 'persistent_xml', type: 'string', value: '<p/>' },
      { field: 'bandwidth', type: 'ullong', value: 10n },
      { field: 'parallel.connections', type: 'int', value: 2 },
      { field: 'migrate_disks', type: 'string', value: 'vda' },
      { field: 'migrate_disks', type: 'string', value: 'vdb' },
      { field: 'destination_xml', type: 'string', value: '<domain/>' },
      { field: 'migrate_uri', type: 'string', value: 'tcp://there:49152' },
    ]);
    performing.reply({ cookie_out: cookie('perform') });
    expect(await moving).toMatchObject({ id: 1 });
    await source.until(() => source.connectionCount === 0);
    await destination.until(() => destination.connectionCount === 0);
  });

  it('finds the guest over a new connection when its own was lost', async () => {
    destination.hold(procedures.domainMigrateFinish3Params);
    destination.answer(procedures.domainGetState, () => ({ state: 1, reason: 2 }));
    destination.answer(procedures.domainMemoryStats, () => ({ stats: [] }));
    source.answer(procedures.domainMigratePerform3Params, () => ({ cookie_out: cookie('perform') }));
    const moving = migrate(dom, ends());
    await destination.next(procedures.domainMigrateFinish3Params);
    destination.hangUp();
    expect(await moving).toEqual({ ...dom, id: -1 });
    expect(source.calls.at(-2)).toBe('domainMigrateConfirm3Params');
  });

  it('gives up after its time, and undoes', async () => {
    const over = new AbortController();
    const { timeout } = AbortSignal;
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => (ms === 77_777 ? over.signal : timeout(ms)));
    destination.hold(procedures.domainMigrateFinish3Params);
    source.answer(procedures.domainAbortJob, () => ({}));
    destination.hold(procedures.domainGetState);
    const moving = expect(migrate(dom, { ...ends(), timeoutMs: 77_777 })).rejects.toMatchObject({
      ...{ name: 'MigrationError', phase: 'perform', how: 'aborted', guest: 'source' },
      cause: { name: 'TimeoutError' },
    });
    const performing = await source.next(procedures.domainMigratePerform3Params);
    over.abort(new DOMException('over', 'TimeoutError'));
    await source.until(() => source.calls.includes('domainAbortJob'));
    performing.fail({ code: ErrorNumber.VIR_ERR_OPERATION_ABORTED });
    const finishing = await destination.next(procedures.domainMigrateFinish3Params);
    expect(finishing.args.cancelled).toBe(1);
    finishing.fail({ code: ErrorNumber.VIR_ERR_MIGRATE_FINISH_OK });
    (await destination.next(procedures.domainGetState)).fail({ code: ErrorNumber.VIR_ERR_NO_DOMAIN });
    await moving;
  });

  it('is aborted by what onProgress throws', async () => {
    source.answer(procedures.domainGetJobStats, () => ({ type: 2, params: [] }));
    source.answer(procedures.domainAbortJob, () => ({}));
    destination.answer(procedures.domainGetState, () => ({ state: 5, reason: 0 }));
    const oops = new Error('oops');
    const onProgress = (): void => {
      throw oops;
    };
    const moving = migrate(dom, { ...ends(), onProgress, progressIntervalMs: 1 }).catch((error: unknown) => error);
    const performing = await source.next(procedures.domainMigratePerform3Params);
    await source.until(() => source.calls.includes('domainAbortJob'));
    performing.fail({ code: ErrorNumber.VIR_ERR_OPERATION_ABORTED });
    expect(await moving).toMatchObject({ how: 'aborted', cause: oops, guest: 'source' });
  });

  it.each(['source', 'destination'] as const)('begins nothing when the %s cannot do it', async (side) => {
    const peer = side === 'source' ? source : destination;
    peer.answer(procedures.connectSupportsFeature, ({ args }) => ({ supported: args.feature === 13 ? 0 : 1 }));
    await expect(migrate(dom, ends())).rejects.toMatchObject({ phase: 'connect', side, guest: 'source' });
    expect(source.calls).not.toContain('domainMigrateBegin3Params');
  });

  it('begins nothing when the destination cannot be reached', async () => {
    await destination.stopListening();
    await expect(migrate(dom, ends())).rejects.toMatchObject({
      ...{ phase: 'connect', side: 'destination', how: 'not sent', guest: 'source' },
    });
    await source.until(() => source.connectionCount === 0);
    expect(source.calls).not.toContain('domainMigrateBegin3Params');
  });

  it.each([
    [{ flags: VIR_MIGRATE_PEER2PEER }, /VIR_MIGRATE_PEER2PEER.*migrateToURI/],
    [{ flags: VIR_MIGRATE_NON_SHARED_DISK | VIR_MIGRATE_NON_SHARED_INC }, /exclude each other/],
    [{ flags: VIR_MIGRATE_NON_SHARED_INC, migrateDisks: [] }, /migrateDisks is empty/],
    [{ flags: DomainMigrateFlags.VIR_MIGRATE_POSTCOPY_RESUME }, /POSTCOPY_RESUME/],
    [{ bandwidthMibPerSecond: -1 }, /bandwidthMibPerSecond .* -1/],
    [{ parallelConnections: 0 }, /parallelConnections .* 0/],
    [{ timeoutMs: 0 }, /timeoutMs .* 0/],
  ])('refuses %o before it connects', async (more, message) => {
    await expect(migrate(dom, { ...ends(), ...more })).rejects.toThrow(message);
    expect(source.calls).toEqual([]);
  });
});

describe('migrateToURI', () => {
  it('is one call to the source', async () => {
    source.answer(procedures.domainMigratePerform3Params, () => ({ cookie_out: cookie('') }));
    await migrateToURI(dom, 'qemu+tls://there/system', { source: { socketPath: source.socketPath } });
    expect(destination.calls).toEqual([]);
  });

  it('says of a destination that it cannot look at that it has not seen it', async () => {
    const options = { source: { socketPath: source.socketPath } };
    const moving = migrateToURI(dom, 'qemu+tls://there/system', options).catch((error: unknown) => error);
    const { args, fail } = await nextPerform();
    expect(args).toMatchObject({ dconnuri: 'qemu+tls://there/system', flags: 3 });
    fail();
    expect(await moving).toMatchObject({ guest: 'source', destination: { kind: 'unseen' } });
  });

  it.each(['', 'there', '/var/run/sock'])('refuses %j as a destination before it connects', async (uri) => {
    await expect(migrateToURI(dom, uri, { source: { socketPath: source.socketPath } })).rejects.toThrow(RangeError);
    expect(source.calls).toEqual([]);
  });
});

async function nextPerform() {
  const call = await source.next(procedures.domainMigratePerform3Params);
  return { args: call.args, fail: () => call.fail({ code: ErrorNumber.VIR_ERR_OPERATION_FAILED }) };
}
