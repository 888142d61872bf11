import {
  ComputeError,
  isComputeError,
  suppress,
  supports,
  type CallOptions,
  type InstanceSpec,
} from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import { buildOf } from '../model/build-of.js';
import { specOf, type Instance } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import { leaveUnsettled } from '../model/unsettled.js';
import { vmStateSeen } from '../runner/goal-state.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { WorkDone } from '../runner/operation-runner.js';
import type { InstanceBuild } from '../providers/volume-provider.js';
import { removeLeftHalf } from './clean-up-moves.js';
import { leftOf } from './left-of-move.js';
import { MigrationRecord } from './migration-record.js';
import { endAt, type MoveParts } from './move-parts.js';
import { interfacesAt, withConnected } from './moved-devices.js';
import { isEvacuated, openMovesOf } from './open-move.js';
import { startFrom } from './resize-move.js';
import type { SettledMove } from './settled-move.js';
import { steadily } from './steadily.js';

/**
 * The lease of the session that moves the dead host's epoch on, in milliseconds. The session is closed at once. Its lease is short, because a
 * manager that dies before it closes the session must not keep the host from its own manager.
 */
const FENCE_MS = 1_000;

/**
 * An instance taken over from a host that died. The destination's manager leads. The dead host is fenced first: a process of it that comes
 * back to life is refused by the store, and finds at its next start that the instance is elsewhere.
 */
export class Evacuation {
  readonly #parts: MoveParts;
  readonly #record: MigrationRecord;

  constructor(parts: MoveParts, record: MigrationRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  /** @throws ComputeError `HOST_TAKEN` while the manager of the instance's host lives; `MIGRATION_REFUSED` when the instance is on its way */
  async fence({ uuid: instanceUuid, host }: Instance, signal: AbortSignal): Promise<void> {
    const { store } = this.#parts.records;
    if (host === null) throw this.#refusal(instanceUuid);
    const holder = globalThis.crypto.randomUUID();
    const session = await store.openSession({ host, holder, leaseMs: FENCE_MS, takeOver: 'when-expired' }, { signal });
    // Whoever starts there next may have the host at once; the epoch of who had it before has passed.
    await store.closeSession(session, { signal });
  }

  async carryOut(task: InstanceTask, signal: AbortSignal): Promise<WorkDone> {
    const { half, driver, volumes, providers, host } = this.#parts;
    const { uuid: migrationUuid, instanceUuid } = this.#record.present;
    const earlier = await this.#earlierMove(instanceUuid, signal);
    const ended = earlier ? [new MigrationRecord(earlier, this.#parts.clock).to('failed')] : [];
    await task.save({}, [...ended, this.#record.to('preparing')]);
    if (earlier?.destinationHost === host) await removeLeftHalf(earlier, task.instance, this.#parts);
    const { address } = await half.prepareMove({ instanceUuid, migrationUuid }, { signal });
    const disks =
      supports(driver, 'evacuate') &&
      (await driver.with('evacuate').instanceOnDisk({ instance: this.#record.spawned }, { signal })) === 'present'
        ? 'shared'
        : 'copied';
    const data = { driver: 'virtkit', disks, address, facts: {} } as const;
    await task.advance('rebuild_block_device_mapping', {}, { writes: [this.#record.to('running', { data })] });
    task.lookWith(() => driver.inspect({ instance: this.#record.spawned }));
    try {
      const networkInterfaces = await interfacesAt(task.instance, host, providers, { signal });
      const instance = await volumes.connect({ ...task.spec, networkInterfaces }, { signal });
      const { generation = null } = this.#record.spawned;
      await task.advance('rebuild_spawning', { generation });
      const start = startFrom(this.#record.present.vmStateBefore);
      await driver.spawn(
        { instance: { ...instance, generation }, start, disks: disks === 'shared' ? 'reuse' : 'make' },
        { signal },
      );
      await this.#disconnectElsewhere(task.instance, { signal });
      return { patch: this.#patch(task.instance, instance), writes: [this.#record.to('finished')] };
    } catch (failure) {
      const { generation = null } = this.#record.guest;
      task.undo.record({ undone: { generation }, notUndone: { generation } });
      if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) {
        await this.#clear(task.instance).catch((secondary: unknown) => {
          suppress(failure, secondary, 'remove what the evacuation has made');
          leaveUnsettled(failure);
        });
      }
      throw failure;
    }
  }

  /** Ends one that was cut off: the guest is here, or nothing of it is. */
  async settle(instance: Instance): Promise<SettledMove> {
    const { driver } = this.#parts;
    const found = await driver.inspect({ instance: this.#record.spawned });
    const stays = startFrom(this.#record.present.vmStateBefore) === 'leave-off';
    if (this.#record.present.data !== null && found.guest === 'present' && (stays || found.powerState === 'RUNNING')) {
      const networkInterfaces = await interfacesAt(instance, this.#parts.host, this.#parts.providers);
      const connected = await this.#parts.volumes.connect({ ...specOf(instance), networkInterfaces });
      await this.#disconnectElsewhere(instance, {});
      return {
        end: 'arrived',
        vmState: vmStateSeen(found),
        powerState: found.powerState,
        patch: this.#patch(instance, connected),
        writes: [this.#record.to('finished')],
      };
    }
    if (this.#record.present.data !== null) await this.#clear(instance);
    const { generation = null } = this.#record.guest;
    const patch = { generation };
    return { end: 'returned', vmState: 'error', powerState: 'NOSTATE', patch, writes: [this.#record.to('failed')] };
  }

  #patch(before: Instance, { networkInterfaces, blockDevices }: InstanceSpec) {
    const { host } = this.#parts;
    const { generation = null } = this.#record.spawned;
    return { host, generation, networkInterfaces, blockDevices: withConnected(before.blockDevices, blockDevices) };
  }

  /** Nothing of the instance is here afterwards, and its interfaces are its old host's again; disks that are shared stay where they are. */
  async #clear(instance: Instance): Promise<void> {
    const { driver, volumes, providers } = this.#parts;
    const { uuid: instanceUuid } = instance;
    const { data, sourceHost } = this.#record.present;
    const isShared = data?.disks === 'shared';
    await steadily(this.#parts, async () => {
      await driver.destroy({ instance: this.#record.spawned, disks: isShared ? 'keep' : 'remove' });
      if (isShared && supports(driver, 'lingeringFiles')) {
        await driver
          .with('lingeringFiles')
          .deleteInstanceFiles({ instance: await leftOf(this.#record.present, driver) });
      }
      await volumes.disconnect(instanceUuid);
      await interfacesAt(instance, sourceHost, providers);
    });
  }

  /** Never rejects: the guest runs, and the dead host disconnects what is left when it comes back. */
  async #disconnectAt(host: string, volumeId: string, build: InstanceBuild): Promise<void> {
    const { providers, log } = this.#parts;
    const { instanceUuid } = build;
    const place = { ...build, host };
    try {
      await steadily(this.#parts, () => providers.volumes.disconnect(volumeId, place, providerOptions()));
    } catch (failure) {
      log.error({ err: failure, instanceUuid, peer: host }, 'a volume is still connected to a dead host');
    }
  }

  /** The dead host has no use for its connections any more. */
  async #disconnectElsewhere(instance: Instance, options: CallOptions): Promise<void> {
    const { providers, volumes } = this.#parts;
    if (!providers.has('volumes')) return;
    const here = (await volumes.connector(options))?.host;
    const build = buildOf(instance);
    for (const { id, attachment } of await providers.volumes.volumesOf(build, providerOptions(options))) {
      for (const host of attachment?.hosts ?? []) {
        if (host === here) continue;
        await this.#disconnectAt(host, id, build);
      }
    }
  }

  /**
   * A move that the dead host led, and that ends with the evacuation. Its guest may have arrived: then it is not made once more.
   * @throws ComputeError `MIGRATION_REFUSED` also where the guest's disks may have been put aside for it: the guest would be made without them
   */
  async #earlierMove(instanceUuid: string, signal: AbortSignal): Promise<Migration | undefined> {
    const open = await openMovesOf(instanceUuid, this.#parts.records, { signal });
    const earlier = open.find((each) => each.uuid !== this.#record.present.uuid && !isEvacuated(each));
    const { sourceHost: deadHost } = this.#record.present;
    if (!earlier) return undefined;
    const isLive = earlier.kind === 'live-migration';
    const mayHaveKeptDisks = !isLive && earlier.sourceHost === deadHost && !untouched.includes(earlier.status);
    if (mayHaveKeptDisks) throw this.#refusal(instanceUuid);
    // Its guest had arrived on the host that is dead now.
    if (earlier.destinationHost === deadHost) return earlier;
    const asked = { instanceUuid, generation: earlier.generationBefore ?? null };
    const there = await endAt(this.#parts, earlier.destinationHost, instanceUuid).inspect(asked, { signal });
    if (there.guest === 'present') throw this.#refusal(instanceUuid);
    return earlier;
  }

  #refusal(instanceUuid: string): ComputeError {
    return new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'busy' }, { effect: 'none' });
  }
}

/** In these nothing has been done to the guest yet. */
const untouched: readonly Migration['status'][] = ['accepted', 'preparing'];
