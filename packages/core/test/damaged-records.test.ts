import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  computeLog,
  createCompute,
  requestContext,
  systemClock,
  type Clock,
  type Compute,
  type InstanceAction,
} from '@virtkit/core';
import type { InstanceFault } from '@virtkit/core/store';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';
import { openSqliteStore, type SqliteStore } from '@virtkit/store-sql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { admin, createRequest, quietLife, tenant } from './support/fake-compute.js';

/** The disk answers in its own time, so time passes by itself here; what is tried again is tried a hundred times sooner. */
const clock: Clock = { ...systemClock, sleep: (ms, options) => systemClock.sleep(ms / 100, options) };

interface Running {
  readonly compute: Compute;
  readonly store: SqliteStore;
  readonly hypervisor: FakeHypervisor;
  readonly logLines: readonly string[];
}

async function start(path: string, hypervisor: FakeHypervisor): Promise<Running> {
  const store = await openSqliteStore({ path });
  onTestFinished(() => store.close());
  const logLines: string[] = [];
  const compute = await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    hostLife: quietLife,
    clock,
    store,
    log: computeLog({ destination: { write: (line) => void logLines.push(line) } }),
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  onTestFinished(() => compute.close());
  return { compute, store, hypervisor, logLines };
}

interface Left extends Running {
  readonly path: string;
  readonly damaged: string;
  readonly sound: string;
  /** Ends the manager, has its file damaged by this statement, and starts another one. */
  readonly restart: (damage: string, ...values: readonly string[]) => Promise<Running>;
}

async function twoInstances(): Promise<Left> {
  const directory = mkdtempSync(join(tmpdir(), 'vk-damaged-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'records.db');
  const running = await start(path, new FakeHypervisor({ clock }));
  const { compute, store, hypervisor } = running;
  const [damaged, sound] = [await build(compute), await build(compute)];
  const restart: Left['restart'] = async (damage, ...values) => {
    await compute.close();
    await store.close();
    const database = new DatabaseSync(path);
    expect(database.prepare(damage).run(...values).changes).toBeGreaterThan(0);
    database.close();
    return await start(path, hypervisor);
  };
  return { ...running, path, damaged, sound, restart };
}

async function build(compute: Compute): Promise<string> {
  const { action, finished } = await compute.api.create(tenant, createRequest());
  expect(await finished).toMatchObject({ state: 'succeeded' });
  return action.instanceUuid;
}

async function stopAndStart({ compute }: Running, uuid: string): Promise<void> {
  for (const operation of ['stop', 'start'] as const) {
    const { finished } = await compute.api[operation](tenant, uuid);
    expect(await finished).toMatchObject({ state: 'succeeded' });
  }
}

async function quarantined({ compute }: Running): Promise<readonly string[]> {
  return (await compute.operator.health(admin)).quarantined;
}

const damages: readonly (readonly [string, string])[] = [
  ['cut off', 'substr(record, 1, length(record) / 2)'],
  ['empty', `''`],
  ['a number', `'42'`],
  ['a list', `'[]'`],
  ['an object of nothing', `'{}'`],
  ['no JSON', `'{uuid: me}'`],
  ['zeros', `'{' || char(0, 0, 0)`],
  ['of another instance', `replace(record, uuid, '00000000-0000-4000-8000-00000000000f')`],
  ['one whose devices are a text', `json_set(record, '$.blockDevices', 'vda')`],
];

describe('a start with a damaged record', () => {
  it.each(damages)('of an instance (%s) sets that instance aside by its uuid, and all else works', async (_, text) => {
    const { damaged, sound, restart } = await twoInstances();
    const running = await restart(`update instances set record = ${text} where uuid = ?`, damaged);
    const { compute, hypervisor, logLines } = running;

    expect(await quarantined(running)).toEqual([damaged]);
    const named = logLines.filter((line) => line.includes('damaged record found'));
    expect(named.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ record: 'instance', instanceUuid: damaged }),
    ]);
    for (const operation of ['get', 'stop', 'delete'] as const) {
      await expect(compute.api[operation](tenant, damaged)).rejects.toMatchObject({ code: 'RECORD_DAMAGED' });
    }
    const stranger = requestContext({ projectId: 'project-2', userId: 'eve' });
    await expect(compute.api.get(stranger, damaged)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
    await expect(compute.api.stop(stranger, damaged)).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });

    expect((await compute.api.list(tenant)).map(({ uuid }) => uuid)).toEqual([sound]);
    await stopAndStart(running, sound);
    await build(compute);
    expect(hypervisor.look(damaged).guest?.state).toBe('running');
  });

  it.each(damages.slice(0, 6))(
    'of an action that runs (%s) sets its instance aside until an operator resets it',
    async (_, text) => {
      const { damaged, sound, restart, store } = await twoInstances();
      const action = await runningAction(store, damaged);
      const hold = { taskState: 'rebooting_hard', taskOwner: action.uuid } as const;
      await store.commit([{ write: 'update-instance', uuid: damaged, patch: hold, guard: {} }]);
      const running = await restart(`update actions set record = ${text} where uuid = ?`, action.uuid);
      expect(await quarantined(running)).toEqual([damaged]);
      await stopAndStart(running, sound);

      await running.compute.operator.resetState(admin, damaged, 'active');
      await expect.poll(() => quarantined(running), { timeout: 20_000 }).toEqual([]);
      await stopAndStart(running, damaged);
    },
  );

  it('of an action that holds its instance no more ends that action, and the instance is free', async () => {
    const { damaged, restart, store } = await twoInstances();
    const action = await runningAction(store, damaged);
    const running = await restart(`update actions set record = '{' where uuid = ?`, action.uuid);
    expect(await quarantined(running)).toEqual([]);
    await stopAndStart(running, damaged);
  });

  it.each(['events', 'faults', 'notifications', 'hosts', 'sessions'])('among the %s harms nobody', async (table) => {
    const { damaged, sound, restart, compute, store } = await twoInstances();
    await compute.operator.host.setMode(admin, 'enabled');
    await store.commit([{ write: 'put-fault', fault: sampleFault(damaged) }]);
    const running = await restart(`update ${table} set record = substr(record, 1, 9)`);
    expect(await quarantined(running)).toEqual([]);
    for (const uuid of [damaged, sound]) await stopAndStart(running, uuid);
    const query = { afterSequence: 0, countMax: 1_000, instanceUuid: damaged };
    const sequences = (await running.store.listNotifications(query)).map((each) => each.instanceSequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });
});

describe('a file that is deleted under a running manager', () => {
  it('lets it accept nothing more, and its health says so', async () => {
    const { compute, damaged, path } = await twoInstances();
    expect(await compute.operator.health(admin)).toMatchObject({ store: 'available' });
    rmSync(path);
    await expect(compute.api.create(tenant, createRequest())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(compute.api.stop(tenant, damaged)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await compute.operator.health(admin)).toMatchObject({ store: 'unavailable', busy: [] });
  });
});

/** One that an earlier process has begun. */
async function runningAction(store: SqliteStore, instanceUuid: string): Promise<InstanceAction> {
  const [built] = await store.listActions(instanceUuid);
  const action: InstanceAction = { ...built!, uuid: 'cut-short', operation: 'hardReboot', state: 'running', epoch: 1 };
  await store.commit([{ write: 'create-action', action }]);
  return action;
}

function sampleFault(instanceUuid: string): InstanceFault {
  return {
    uuid: globalThis.crypto.randomUUID(),
    instanceUuid,
    actionUuid: 'gone',
    code: 'GUEST_START_FAILED',
    message: 'It did not start.',
    occurredAtMs: 0,
    operator: {},
  } as unknown as InstanceFault;
}
