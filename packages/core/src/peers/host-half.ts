import type { ResourceClaims } from '../claims/resource-claims.js';
import {
  isComputeError,
  supports,
  type CallOptions,
  type GuestInspection,
  type InstanceSpec,
  type LiveMigrationData,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { HostModeSwitch } from '../records/host-mode.js';
import type { Records } from '../records/records.js';
import type {
  CheckLiveMigrationAsked,
  FinishResizeAsked,
  GuestMoved,
  HostPeer,
  GuestAsked,
  LiveMigrationAsked,
  LiveMigrationReady,
  MoveAsked,
  MovePrepared,
  RevertResizeAsked,
} from './host-peer.js';
import type { VolumeConnections } from './volume-connections.js';

export interface HostHalfParts {
  readonly host: string;
  readonly driver: GuestDriver;
  readonly volumes: VolumeConnections;
  readonly records: Records;
  readonly claims: ResourceClaims;
  readonly mode: HostModeSwitch;
}

/** What this host does for a move, whoever leads it. */
export class HostHalf implements HostPeer {
  readonly #parts: HostHalfParts;

  constructor(parts: HostHalfParts) {
    this.#parts = parts;
  }

  async inspect(asked: GuestAsked, options?: CallOptions): Promise<GuestInspection> {
    return await this.#parts.driver.inspect({ instance: guestOf(asked) }, options);
  }

  async prepareMove({ migrationUuid }: MoveAsked, options: CallOptions = {}): Promise<MovePrepared> {
    const { host, records, claims, mode, volumes } = this.#parts;
    const migration = await records.store.getMigration(migrationUuid, options);
    if (migration.sourceHost !== host) mode.refuseArrivals('take');
    await claims.claimMove(migration, options);
    return { address: (await volumes.connector(options))?.address ?? host };
  }

  async noteMove({ migrationUuid, instanceUuid }: MoveAsked, options?: CallOptions): Promise<void> {
    const { records, claims } = this.#parts;
    const migration = await records.store.getMigration(migrationUuid, options);
    // Read last and noted first: between the two an instance that has arrived would be counted as neither.
    claims.noteInstance(await records.store.getInstance(instanceUuid, options));
    claims.noteMigration(migration);
  }

  async finishResize({ instance, disks, start }: FinishResizeAsked, options: CallOptions = {}): Promise<GuestMoved> {
    const { driver, volumes } = this.#parts;
    const connected = await volumes.connect(instance, options);
    await driver.with('resize').finishMigration({ instance: connected, disks, start }, options);
    return await this.#moved(connected, options);
  }

  async undoResize(asked: GuestAsked, options?: CallOptions): Promise<void> {
    await this.#parts.driver.destroy({ instance: guestOf(asked) }, options);
    await this.#parts.volumes.disconnect(asked.instanceUuid, options);
  }

  async confirmResize(asked: GuestAsked, options?: CallOptions): Promise<void> {
    await this.#parts.driver.with('resize').confirmMigration({ instance: guestOf(asked) }, options);
  }

  async revertResize({ instance, start }: RevertResizeAsked, options: CallOptions = {}): Promise<GuestMoved> {
    const { driver, volumes } = this.#parts;
    const connected = await volumes.connect(instance, options);
    try {
      await driver.with('resize').finishRevertMigration({ instance: connected, start }, options);
    } catch (failure) {
      if (!isComputeError(failure, 'INSTANCE_NOT_FOUND')) throw failure;
      // A process died after it had taken the guest from its disks, or before it had made it around them again.
      const { guest, belongings } = await driver.inspect({ instance }, options);
      if (guest === 'present' || belongings.length === 0) throw failure;
      await driver.spawn({ instance: connected, start, disks: 'reuse' }, options);
    }
    return await this.#moved(connected, options);
  }

  async checkLiveMigration(
    { instance, request }: CheckLiveMigrationAsked,
    options?: CallOptions,
  ): Promise<LiveMigrationData> {
    return await this.#parts.driver
      .with('liveMigration')
      .checkCanLiveMigrateDestination({ instance, ...request }, options);
  }

  async cleanUpLiveMigrationCheck({ instance, data }: LiveMigrationAsked, options?: CallOptions): Promise<void> {
    await this.#parts.driver.with('liveMigration').cleanupLiveMigrationDestinationCheck({ instance, data }, options);
  }

  async preLiveMigration({ instance, data }: LiveMigrationAsked, options?: CallOptions): Promise<LiveMigrationReady> {
    const { driver, volumes } = this.#parts;
    const connected = await volumes.connect(instance, options);
    const ready = await driver.with('liveMigration').preLiveMigration({ instance: connected, data }, options);
    return { data: ready, blockDevices: withoutSecrets(connected) };
  }

  async postLiveMigration({ instance, data }: LiveMigrationAsked, options: CallOptions = {}): Promise<GuestMoved> {
    const { driver, volumes } = this.#parts;
    const connected = await volumes.connect(instance, options);
    await driver.with('liveMigration').postLiveMigrationAtDestination({ instance: connected, data }, options);
    return await this.#moved(connected, options);
  }

  async rollbackLiveMigration({ instance, data }: LiveMigrationAsked, options: CallOptions = {}): Promise<void> {
    await this.#parts.driver.with('liveMigration').rollbackLiveMigrationAtDestination({ instance, data }, options);
    await this.#parts.volumes.disconnect(instance.uuid, options);
  }

  async removeInstance(asked: GuestAsked, options: CallOptions = {}): Promise<void> {
    const { driver, volumes } = this.#parts;
    const guest = guestOf(asked);
    await driver.destroy({ instance: guest }, options);
    if (supports(driver, 'lingeringFiles'))
      await driver.with('lingeringFiles').deleteInstanceFiles({ instance: guest }, options);
    await volumes.disconnect(asked.instanceUuid, options);
  }

  async #moved(instance: InstanceSpec, options: CallOptions): Promise<GuestMoved> {
    const { powerState } = await this.#parts.driver.getInfo({ instance }, options);
    return { powerState, blockDevices: withoutSecrets(instance) };
  }
}

function guestOf({ instanceUuid: uuid, generation }: GuestAsked): GuestRef {
  return { uuid, generation };
}

function withoutSecrets({ blockDevices }: InstanceSpec): InstanceSpec['blockDevices'] {
  return blockDevices.map((device) => {
    if (device.source.type !== 'file') return device;
    const { type, path, format } = device.source;
    return { ...device, source: { type, path, format } };
  });
}
