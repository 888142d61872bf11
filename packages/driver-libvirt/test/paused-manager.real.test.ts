import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryStore, type CreateRequest } from '@virtkit/core';
import type { LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBootSector } from './support/boot-sector.js';
import { changingProcedures } from './support/changing-procedures.js';
import { ManagerProcess, type ManagerWork } from './support/killed-manager.js';
import { LibvirtWireTap } from './support/libvirt-wire-tap.js';
import { ended, realCompute, tenant } from './support/real-compute.js';
import { RealHost } from './support/real-host.js';

/**
 * A point at which the manager stands still: the fence has let its call pass (`passed`), the call is with libvirt, or the answer is on its
 * way. The call is named, with its place among those of this name.
 */
interface PausePoint {
  readonly procedure: string;
  readonly nth: number;
  readonly moment: 'passed' | 'sent' | 'answered';
}

interface PausedWork {
  readonly manager: ManagerProcess;
  readonly passed: readonly PausePoint[];
}

interface PauseEnd {
  readonly problems: readonly string[];
  readonly late: readonly string[];
}

const takesAll = process.env['VIRTKIT_PAUSE_POINTS'] === 'all';
const seed = Number(process.env['VIRTKIT_PAUSE_SEED'] ?? Date.now() % 1_000_000);
const session = { leaseMs: 1_000, takeOver: 'when-expired' } as const;

/**
 * A manager is stopped by SIGSTOP in the middle of a call to libvirt, for longer than its lease. Another takes the host and settles what was
 * begun; then the first goes on by SIGCONT. libvirt refuses nobody, so what the first sends then would be done: it sends nothing, but for the
 * one call that the fence had let pass and that was not sent yet.
 */
describe('a manager that is paused for longer than its lease in the middle of a libvirt call', () => {
  const store = new MemoryStore();
  const instanceUuid = randomUUID();
  let host: RealHost;
  let wire: LibvirtWireTap;
  let direct: LibvirtConfiguration;
  let tapped: LibvirtConfiguration;
  let request: CreateRequest;

  beforeAll(async () => {
    host = await RealHost.start();
    const disk = join(host.daemon.imagesDirectory, 'boot-sector.raw');
    await writeBootSector(disk);
    const socketPath = join(host.directory, 'tap.sock');
    wire = await LibvirtWireTap.listen(socketPath, host.daemon.socketPath);
    direct = host.configuration();
    tapped = host.configuration({ socketPath });
    request = {
      uuid: instanceUuid,
      name: 'sleeper',
      flavor: { name: 'tiny', vcpus: 1, memoryMib: 16, rootDiskGib: 1 },
      image: { id: 'boot-sector', name: 'boot sector', diskFormat: 'raw', location: { disk } },
      networkInterfaces: [],
    };
  });

  afterAll(async () => {
    await wire[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
  });

  /** Does the work in a process of its own, paused at a point, and answers with the points it has passed. */
  async function begun(work: ManagerWork, uuid: string, point?: PausePoint): Promise<PausedWork> {
    const passed: PausePoint[] = [];
    const paused = Promise.withResolvers<void>();
    const pass = (here: PausePoint): void => {
      passed.push(here);
      if (!point || !isSame(here, point)) return;
      manager.pause();
      paused.resolve();
    };
    wire.tap = () => undefined;
    const manager = new ManagerProcess({
      ...{ store, configuration: tapped, instanceUuid: uuid, work, session },
      onCommit: () => undefined,
      onPassed: (procedure) => {
        const nth = passed.filter((each) => each.moment === 'passed' && each.procedure === procedure).length + 1;
        pass({ procedure, nth, moment: 'passed' });
      },
      onReady: () => {
        wire.reset();
        wire.tap = ({ procedure, nth }, moment) => {
          const name = changingProcedures[procedure];
          if (name) pass({ procedure: name, nth, moment });
        };
      },
    });
    if (point) await Promise.race([paused.promise, manager.ended()]);
    else expect(await manager.ended()).toMatchObject({ state: 'succeeded' });
    return { manager, passed };
  }

  /** Everything that the host holds of an instance; a guest with its life. */
  async function pictureOf(uuid: string): Promise<unknown> {
    const domains = await host.virsh('list', '--all');
    const files = await readdir(join(direct.stateDirectory, uuid)).catch(() => 'no directory');
    return { domains, files };
  }

  /** Brings the instance to where the work begins. */
  async function prepare(work: ManagerWork, uuid: string): Promise<void> {
    if (typeof work === 'object') return;
    await using real = await realCompute(direct, store, { session });
    await ended(real.compute.api.create(tenant, { ...request, uuid }));
    if (work === 'start') await ended(real.compute.api.forceStop(tenant, uuid));
  }

  async function pausedAt(point: PausePoint, work: ManagerWork): Promise<PauseEnd> {
    const uuid = randomUUID();
    const own = typeof work === 'object' ? { create: { ...request, uuid } } : work;
    await prepare(own, uuid);
    const { manager, passed } = await begun(own, uuid, point);
    const place = `${point.moment} ${point.procedure} ${point.nth}`;
    if (!passed.some((each) => isSame(each, point))) return { problems: [`${place} was not reached`], late: [] };
    await using real = await realCompute(direct, store, { session });
    await real.compute.recovered();
    const before = await pictureOf(uuid);
    const late: string[] = [];
    wire.tap = ({ procedure }, moment) => {
      const name = changingProcedures[procedure];
      if (name && moment === 'sent') late.push(name);
    };
    await manager.goOn();
    const after = await pictureOf(uuid);
    manager.kill();
    await manager.ended();
    const gone = await ended(real.compute.api.delete(tenant, uuid));
    const onTheWay = point.moment === 'passed' ? 1 : 0;
    const isAnother = JSON.stringify(before) !== JSON.stringify(after);
    const problems = [
      ...(late.length > onTheWay ? [`${place}: the paused manager has sent ${late.join()}`] : []),
      ...(isAnother && late.length === 0 ? [`${place}: the host is another`] : []),
      ...(gone.state === 'succeeded' ? [] : [`${place}: the delete has ${gone.state}: ${gone.failure?.message}`]),
    ];
    return { problems, late };
  }

  it.each([
    ['hard reboot', 'hardReboot', 'destroyFlags'],
    ['start', 'start', 'createWithFlags'],
    ['build', 'build', 'createWithFlags'],
  ] as const)(
    'of a %s sends nothing more when it goes on',
    async (_, name, expected) => {
      const uuid = randomUUID();
      const work: ManagerWork = name === 'build' ? { create: { ...request, uuid } } : name;
      await prepare(work, uuid);
      const { passed } = await begun(work, uuid);
      expect(passed.map(({ procedure }) => procedure)).toContain(expected);
      const notSent = passed.filter(({ moment }) => moment === 'passed');
      expect(notSent.length).toBeGreaterThan(0);
      const sent = passed.filter(({ moment }) => moment !== 'passed');
      const sample = takesAll ? passed : [notSent, sent].flatMap((points) => points[seed % points.length] ?? []);
      const problems: string[] = [];
      const late: string[] = [];
      for (const point of sample) {
        const end = await pausedAt(point, work);
        problems.push(...end.problems);
        late.push(...end.late);
      }
      console.log(
        `paused ${name}: seed ${seed}, ${passed.length} points, ${sample.length} pauses, ` +
          `${late.length} requests that were on their way (${late.join()}), ${problems.length} violations`,
      );
      expect(problems).toEqual([]);
    },
    300_000,
  );
});

function isSame(one: PausePoint, other: PausePoint): boolean {
  return one.procedure === other.procedure && one.nth === other.nth && one.moment === other.moment;
}
