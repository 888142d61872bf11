import {
  ComputeError,
  type CallOptions,
  type ComputeDriver,
  type DriverWith,
  type InstanceSpec,
  type LiveMigrationData,
  type MigratedDisks,
} from '@virtkit/core/driver';
import type { MinimalDriver } from './minimal-driver.js';
import type { MinimalHost } from './minimal-host.js';
import type { MoveEnd } from './minimal-network.js';

export const minimalMoveCapabilities = {
  resize: true,
  liveMigration: true,
  liveMigrationAbort: true,
  liveMigrationForceComplete: true,
  evacuate: true,
  lingeringFiles: true,
} as const;

type MoveMethods = Omit<DriverWith<keyof typeof minimalMoveCapabilities>, keyof ComputeDriver>;

const described: MigratedDisks = { driver: 'minimal', disks: [{ id: 'root', format: 'raw', virtualSizeMib: 1024 }] };

/** How the minimal driver moves guests. */
export function minimalMoves(driver: MinimalDriver): MoveMethods {
  const { host } = driver;
  const { moves, storage } = host;

  const reach = (name: string): MinimalHost | undefined => {
    const other = host.network.hosts.get(name);
    return other === host || host.network.link === 'up' ? other : undefined;
  };
  const mustReach = (instanceUuid: string, name: string): MinimalHost => {
    const other = reach(name);
    if (other !== undefined) return other;
    throw new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'network' });
  };
  const begin = (options: CallOptions = {}): void => driver.begin({ signal: options.signal });
  /** Makes the guest around a disk; when it does not start there is none again. */
  const make = async (instance: InstanceSpec, content: string, start = 'power-on'): Promise<void> => {
    const { uuid } = instance;
    host.disks.add(uuid);
    storage.contents.set(uuid, content);
    storage.define(uuid, [...instance.blockDevices, ...instance.networkInterfaces]);
    host.addGuest(uuid, 'virtkit', 'SHUTDOWN', instance.generation);
    storage.images.set(uuid, instance.image.id);
    try {
      if (start === 'power-on') await driver.start(instance);
    } catch (failure) {
      host.guests.delete(uuid);
      host.disks.delete(uuid);
      throw failure;
    }
  };
  const startIfOff = async (instance: InstanceSpec, start = 'power-on'): Promise<void> => {
    const { state } = driver.present(instance.uuid);
    if (state === 'SHUTDOWN' && start === 'power-on') await driver.start(instance);
  };
  const leave = (uuid: string): void => {
    if (host.guests.has(uuid)) return;
    for (const belongings of [host.disks, host.vifs, storage.contents]) belongings.delete(uuid);
  };
  const switchOver = (uuid: string, other: MinimalHost): void => {
    const guest = driver.present(uuid);
    host.guests.delete(uuid);
    other.guests.set(uuid, guest);
    other.storage.contents.set(uuid, storage.contents.get(uuid) ?? '');
    other.storage.madeFor.set(uuid, guest.generation);
  };
  const endBusyMove = (uuid: string, end: MoveEnd): void => {
    driver.present(uuid);
    const finish = moves.underWay.get(uuid);
    if (finish === undefined) throw new ComputeError('NO_ACTIVE_MIGRATION', { instanceUuid: uuid });
    finish(end);
  };
  const busyMove = (uuid: string, signal: AbortSignal | undefined): Promise<MoveEnd> =>
    new Promise((resolve, reject) => {
      moves.underWay.set(uuid, resolve);
      signal?.addEventListener('abort', () => reject(new ComputeError('ABORTED', { operation: 'live migration' })));
    });

  return {
    async migrateDiskAndPowerOff({ instance: { uuid }, destination }, options) {
      begin(options);
      if (host.own(uuid) === undefined && moves.kept.has(uuid)) return described;
      driver.present(uuid);
      const other = mustReach(uuid, destination.host);
      const content = storage.contents.get(uuid) ?? '';
      driver.stop(uuid);
      host.guests.delete(uuid);
      leave(uuid);
      moves.kept.set(uuid, content);
      other.moves.arrived.set(uuid, content);
      return described;
    },
    async finishMigration({ instance, start }, options) {
      begin(options);
      driver.refuseForeign(instance.uuid);
      if (host.own(instance.uuid)) return startIfOff(instance, start);
      const content = moves.arrived.get(instance.uuid);
      if (content === undefined) {
        throw new ComputeError('GUEST_START_FAILED', { instanceUuid: instance.uuid, reason: 'disk' });
      }
      await make(instance, content, start);
      moves.arrived.delete(instance.uuid);
    },
    async confirmMigration({ instance: { uuid } }, options) {
      begin(options);
      moves.kept.delete(uuid);
    },
    async finishRevertMigration({ instance, start }, options) {
      begin(options);
      const { uuid } = instance;
      const content = moves.kept.get(uuid);
      if (content === undefined) return startIfOff(instance, start);
      if (host.own(uuid)) driver.stop(uuid);
      await make(instance, content, start);
      moves.forget(uuid);
    },

    async checkCanLiveMigrateDestination({ instance: { uuid }, sourceHost }, options) {
      begin(options);
      driver.refuseForeign(uuid);
      mustReach(uuid, sourceHost);
      moves.probes.add(uuid);
      return { driver: 'minimal', disks: 'copied', address: driver.environment.host, facts: {} };
    },
    async checkCanLiveMigrateSource({ instance: { uuid }, data }, options): Promise<LiveMigrationData> {
      begin(options);
      driver.present(uuid);
      mustReach(uuid, data.address);
      return data;
    },
    async cleanupLiveMigrationDestinationCheck({ instance: { uuid } }, options) {
      begin(options);
      moves.probes.delete(uuid);
    },
    async preLiveMigration({ instance: { uuid }, data }, options) {
      begin(options);
      driver.refuseForeign(uuid);
      host.vifs.add(uuid);
      host.disks.add(uuid);
      return data;
    },
    async liveMigration({ instance: { uuid }, data }, options = {}) {
      begin(options);
      const guest = driver.present(uuid);
      const other = reach(data.address);
      if (other === undefined) throw new ComputeError('MIGRATION_FAILED', { instanceUuid: uuid });
      options.onProgress?.({ remainingMib: 64, totalMib: 64 });
      const end = guest.busy ? await busyMove(uuid, options.signal) : 'completed';
      moves.underWay.delete(uuid);
      if (end === 'aborted') throw new ComputeError('MIGRATION_FAILED', { instanceUuid: uuid });
      switchOver(uuid, other);
    },
    async postLiveMigrationAtSource({ instance: { uuid } }, options) {
      begin(options);
      leave(uuid);
    },
    async postLiveMigrationAtDestination({ instance: { uuid } }, options) {
      begin(options);
      driver.present(uuid);
    },
    async rollbackLiveMigrationAtSource({ instance: { uuid } }, options) {
      begin(options);
      moves.underWay.get(uuid)?.('aborted');
    },
    async rollbackLiveMigrationAtDestination({ instance: { uuid } }, options) {
      begin(options);
      leave(uuid);
    },
    async liveMigrationAbort({ instance: { uuid } }, options) {
      begin(options);
      endBusyMove(uuid, 'aborted');
    },
    async liveMigrationForceComplete({ instance: { uuid } }, options) {
      begin(options);
      endBusyMove(uuid, 'completed');
    },

    async instanceOnDisk({ instance: { uuid } }, options) {
      begin(options);
      return host.disks.has(uuid) ? 'present' : 'absent';
    },
    async deleteInstanceFiles({ instance: { uuid } }, options) {
      begin(options);
      leave(uuid);
      moves.forget(uuid);
    },
  };
}
