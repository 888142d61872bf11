import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { MemoryStore } from '@virtkit/core';
import type { LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { createBridge, deleteBridge } from '@virtkit/libvirt-testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBootSector } from './support/boot-sector.js';
import { bridgeName } from './support/bridge-name.js';
import { changingProcedures } from './support/changing-procedures.js';
import { ManagerProcess } from './support/killed-manager.js';
import { LibvirtWireTap, type TappedCall } from './support/libvirt-wire-tap.js';
import { admin, ended, realCompute, tenant } from './support/real-compute.js';
import { RealHost } from './support/real-host.js';

const BRIDGE = bridgeName('killed');

type Moment = 'before' | 'after';
type KillPoint =
  { readonly commit: number; readonly moment: Moment } | { readonly call: TappedCall; readonly moment: Moment };

/**
 * The process of the manager is killed with SIGKILL at every store write and every changing libvirt call of a hard reboot, before and after
 * each; another process starts on the same records and the same host.
 */
describe('a manager that is killed in the middle of a hard reboot', () => {
  const store = new MemoryStore();
  const instanceUuid = randomUUID();
  let host: RealHost;
  let wire: LibvirtWireTap;
  let direct: LibvirtConfiguration;
  let tapped: LibvirtConfiguration;

  beforeAll(async () => {
    host = await RealHost.start();
    await createBridge(BRIDGE);
    const disk = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(disk);
    const socketPath = join(host.directory, 'tap.sock');
    wire = await LibvirtWireTap.listen(socketPath, host.daemon.socketPath);
    direct = host.configuration();
    tapped = host.configuration({ socketPath });

    await using real = await realCompute(direct, store);
    const accepted = real.compute.api.create(tenant, {
      uuid: instanceUuid,
      name: 'mortal',
      flavor: { name: 'tiny', vcpus: 1, memoryMib: 16 },
      image: { id: 'boot-sector', name: 'boot sector', diskFormat: 'raw', location: { disk } },
      networkInterfaces: [
        { type: 'bridge', bridge: BRIDGE, id: randomUUID(), macAddress: '52:54:00:00:00:01', status: 'active' },
      ],
    });
    expect(await ended(accepted)).toMatchObject({ state: 'succeeded' });
  });

  afterAll(async () => {
    await wire[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
    await deleteBridge(BRIDGE);
  });

  /** Runs a hard reboot in a process of its own, killed at a point, and answers with the points it has passed. */
  async function rebootKilledAt(point?: KillPoint): Promise<readonly KillPoint[]> {
    const passed: KillPoint[] = [];
    const pass = (here: KillPoint): void => {
      passed.push(here);
      if (point && JSON.stringify(here) === JSON.stringify(point)) manager.kill();
    };
    wire.tap = () => undefined;
    const manager = new ManagerProcess({
      store,
      configuration: tapped,
      instanceUuid,
      onCommit: (commit, moment) => pass({ commit, moment }),
      onReady: () => {
        wire.reset();
        wire.tap = (call, moment) => {
          if (changingProcedures[call.procedure]) pass({ call, moment: moment === 'sent' ? 'before' : 'after' });
        };
      },
    });
    const action = await manager.ended();
    if (!point) expect(action).toMatchObject({ state: 'succeeded' });
    return passed;
  }

  /** What a new manager on the same records and host has not put right, a sentence each. */
  async function wrongAfterRestart(): Promise<readonly string[]> {
    await using real = await realCompute(direct, store);
    await real.compute.recovered();
    const instance = await store.getInstance(instanceUuid);
    const [action] = await store.listActions(instanceUuid);
    const events = await store.listEvents(action?.uuid ?? '');
    const running = (await host.virsh('list', '--uuid')).split('\n').filter((uuid) => uuid !== '');
    const { belongings } = await real.compute.operator.inspect(admin, instanceUuid);
    const truths: readonly (readonly [holds: boolean, wrong: string])[] = [
      [instance.taskState === null && instance.taskOwner === null, `the task state is left at ${instance.taskState}`],
      [instance.vmState === 'active', `the vm state is ${instance.vmState}`],
      [typeof action?.finishedAtMs === 'number', `the action is left ${action?.state}`],
      [events.every(({ finishedAtMs }) => finishedAtMs !== null), 'an event is left open'],
      [running.length === 1 && running[0] === instanceUuid, `running are ${running.join(', ') || 'none'}`],
      [belongings.filter((each) => each.startsWith('vif')).length === 1, `the host holds ${belongings.join(', ')}`],
    ];
    return truths.filter(([holds]) => !holds).map(([, wrong]) => wrong);
  }

  it('is followed by one that finds and settles everything, wherever it died', async () => {
    const points = await rebootKilledAt();
    const names = points.map((point) => ('call' in point ? changingProcedures[point.call.procedure] : 'commit'));
    expect(names).toContain('createWithFlags');
    expect(names).toContain('commit');

    const wrong: string[] = [];
    for (const point of points) {
      const passed = await rebootKilledAt(point);
      expect(passed).toContainEqual(point);
      const where =
        'call' in point ? `${changingProcedures[point.call.procedure]} ${point.call.nth}` : `commit ${point.commit}`;
      wrong.push(...(await wrongAfterRestart()).map((each) => `killed ${point.moment} ${where}: ${each}`));
    }
    expect(wrong).toEqual([]);

    await using real = await realCompute(direct, store);
    expect(await ended(real.compute.api.delete(tenant, instanceUuid))).toMatchObject({ state: 'succeeded' });
    expect(await host.domainNames()).toEqual([]);
  }, 300_000);
});
