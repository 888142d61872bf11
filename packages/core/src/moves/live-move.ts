import {
  ComputeError,
  isComputeError,
  suppress,
  type GuestInspection,
  type LiveMigrationData,
} from '../driver/index.js';
import { specOf, type Instance, type InstancePatch } from '../model/instance.js';
import { leaveUnsettled } from '../model/unsettled.js';
import type { GuestMoved, HostPeer, LiveMigrationReady } from '../peers/host-peer.js';
import { vmStateSeen } from '../runner/goal-state.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { WorkDone } from '../runner/operation-runner.js';
import type { MigrationRecord } from './migration-record.js';
import { endAt, type MoveParts } from './move-parts.js';
import { interfacesAt, withConnected } from './moved-devices.js';
import { vmStateBack, type SettledMove } from './settled-move.js';
import { steadily } from './steadily.js';

export type LiveMigrationDisks = 'shared' | 'copied' | 'whatever-fits';

/** Where the guest of a live migration is. `nowhere`: both ends have said that it is not theirs. */
type Place = 'source' | 'destination' | 'nowhere';

/**
 * A running guest on its way to another host. Until it is there nothing of the source is given up; once it is there nothing leads back:
 * what then fails is tidied up later.
 */
export class LiveMove {
  readonly #parts: MoveParts;
  readonly #record: MigrationRecord;
  /** Of the action that carries it out. */
  #signal: AbortSignal | undefined;

  constructor(parts: MoveParts, record: MigrationRecord) {
    this.#parts = parts;
    this.#record = record;
  }

  /** Takes the guest there. When it does not get there it goes on here, and what was made ready is removed. */
  async carryOut(task: InstanceTask, disks: LiveMigrationDisks, signal: AbortSignal): Promise<WorkDone> {
    let ready: LiveMigrationReady | undefined;
    this.#signal = signal;
    try {
      ready = await this.#makeReady(task, disks, signal);
      await this.#move(task, ready.data, signal);
    } catch (failure) {
      // Whoever has taken the instance over sees to both ends.
      if (isComputeError(failure, 'UNEXPECTED_TASK_STATE')) throw failure;
      const place = await this.#placeAfter(failure, task);
      // Nothing is removed on doubt.
      if (place !== 'destination' && place !== 'unknown') await this.#returnAfter(failure, task);
      if (place !== 'destination') throw failure;
    }
    return await this.#arrive(task, ready);
  }

  /** Asks both ends, and ends the move where the guest is. Rejects when an end that matters does not answer: then nothing is done. */
  async settle(instance: Instance): Promise<SettledMove> {
    const { uuid: instanceUuid } = instance;
    if (this.#hasMovedOn(instance)) return await this.#leaveBehind(instance);
    const place = this.#hasBegun ? await this.#place(instance) : 'source';
    if (place !== 'destination') return await this.#settleHere(instance);
    const moved = await this.#tidyUp(instance);
    const { destinationHost: host } = this.#record.present;
    const there = await this.#destination(instanceUuid).inspect(this.#record.asked);
    const networkInterfaces = await interfacesAt(instance, host, this.#parts.providers);
    return {
      end: 'arrived',
      vmState: vmStateSeen(there),
      powerState: there.powerState,
      patch: { host, networkInterfaces, blockDevices: withConnected(instance.blockDevices, moved.blockDevices) },
      writes: [this.#record.to('completed')],
    };
  }

  async #makeReady(task: InstanceTask, disks: LiveMigrationDisks, signal: AbortSignal): Promise<LiveMigrationReady> {
    const { providers } = this.#parts;
    const { uuid: migrationUuid, instanceUuid, destinationHost } = this.#record.present;
    const destination = this.#destination(instanceUuid);
    await task.save({}, [this.#record.to('preparing')]);
    await destination.prepareMove({ instanceUuid, migrationUuid }, { signal });
    const data = await this.#check(task, disks, signal);
    // From here on there is something at the destination that knows how to go.
    await task.save({}, [this.#record.to('preparing', { data })]);
    const networkInterfaces = await interfacesAt(task.instance, destinationHost, providers, { signal });
    const instance = { ...task.spec, networkInterfaces };
    return await destination.preLiveMigration({ instanceUuid, instance, data }, { signal });
  }

  /** Has both ends look whether it can be done. What the check leaves at the destination is removed, whatever it said. */
  async #check(task: InstanceTask, disks: LiveMigrationDisks, signal: AbortSignal): Promise<LiveMigrationData> {
    const { host: sourceHost, driver } = this.#parts;
    const { instanceUuid, destinationHost: address } = this.#record.present;
    // What is removed if not even the answer of the check came.
    let data: LiveMigrationData = { driver: 'unknown', disks: 'copied', address, facts: {} };
    try {
      const asked = { instanceUuid, instance: task.spec, request: { sourceHost, disks } };
      data = await this.#destination(instanceUuid).checkLiveMigration(asked, { signal });
      data = await driver.with('liveMigration').checkCanLiveMigrateSource({ instance: task.spec, data }, { signal });
    } catch (failure) {
      await this.#cleanUpCheck(task, data).catch((secondary: unknown) =>
        suppress(failure, secondary, 'remove what the check has left at the destination'),
      );
      throw failure;
    }
    await this.#cleanUpCheck(task, data);
    return data;
  }

  async #cleanUpCheck({ spec }: InstanceTask, data: LiveMigrationData): Promise<void> {
    const { uuid: instanceUuid } = spec;
    const asked = { instanceUuid, instance: spec, data };
    await this.#steadily(() => this.#destination(instanceUuid).cleanUpLiveMigrationCheck(asked));
  }

  async #move(task: InstanceTask, data: LiveMigrationData, signal: AbortSignal): Promise<void> {
    await task.save({}, [this.#record.to('running', { data })]);
    task.lookWith(() => this.#truth(task.instance.uuid));
    const onProgress = ({ remainingMib, totalMib }: { remainingMib: number; totalMib: number }): void =>
      task.report({ phase: 'migrating', doneMib: totalMib - remainingMib, totalMib });
    await this.#parts.driver.with('liveMigration').liveMigration({ instance: task.spec, data }, { signal, onProgress });
  }

  /** The point of no return is on record first; then both ends are tidied up. */
  async #arrive(task: InstanceTask, ready: LiveMigrationReady | undefined): Promise<WorkDone> {
    const { providers } = this.#parts;
    const { instanceUuid, destinationHost: host } = this.#record.present;
    task.lookWith(() => this.#destination(instanceUuid).inspect(this.#record.asked));
    const before = task.instance;
    const patch: InstancePatch = {
      host,
      ...(ready && { blockDevices: withConnected(before.blockDevices, ready.blockDevices) }),
    };
    try {
      const networkInterfaces = await interfacesAt(before, host, providers);
      await this.#steadily(() => task.save({ ...patch, networkInterfaces }, [this.#record.to('running')]));
    } catch (failure) {
      // The record says that it is here, and it is there.
      if (!isComputeError(failure, 'UNEXPECTED_TASK_STATE')) {
        leaveUnsettled(failure);
        task.lookWith(() => Promise.reject(asError(failure)));
      }
      throw failure;
    }
    const { powerState, blockDevices } = await this.#tidyUpAfterArrival(task, before);
    return {
      powerState,
      patch: { blockDevices: withConnected(task.instance.blockDevices, blockDevices) },
      writes: [this.#record.to('completed')],
    };
  }

  /** What cannot be tidied up now is tried again later: nothing leads back any more. */
  async #tidyUpAfterArrival({ instance }: InstanceTask, { blockDevices }: Instance): Promise<GuestMoved> {
    try {
      return await this.#tidyUp({ ...instance, blockDevices });
    } catch (failure) {
      leaveUnsettled(failure);
      throw failure;
    }
  }

  /** Every step is tried, whatever becomes of the others; rejects with the first failure. */
  async #tidyUp(instance: Instance): Promise<GuestMoved> {
    const { instanceUuid, data } = this.#record.present;
    const spec = specOf(instance);
    const volumes = this.#parts.volumes;
    const failures: unknown[] = [];
    const tidy = async <Value>(step: () => Promise<Value>): Promise<Value | undefined> => {
      try {
        return await this.#steadily(step);
      } catch (failure) {
        failures.push(failure);
        return undefined;
      }
    };
    if (data === null)
      throw new TypeError('a live migration whose drivers have told each other nothing has not arrived');
    const driver = this.#parts.driver.with('liveMigration');
    const moved = await tidy(() =>
      this.#destination(instanceUuid).postLiveMigration({ instanceUuid, instance: spec, data }),
    );
    await tidy(() => driver.postLiveMigrationAtSource({ instance: spec, data }));
    await tidy(() => volumes.disconnect(instanceUuid));
    const [first, ...others] = failures;
    for (const other of others) suppress(first, other, 'tidy up after a live migration');
    if (failures.length > 0 || !moved) throw first;
    return moved;
  }

  /** Where the guest is after a failure. Where nobody can tell, the instance is set aside until somebody can. */
  async #placeAfter(failure: unknown, task: InstanceTask): Promise<Place | 'unknown'> {
    if (!this.#hasBegun) return 'source';
    try {
      return await this.#steadily(() => this.#place(task.instance));
    } catch (secondary) {
      suppress(failure, secondary, 'find out at which end the guest is');
      leaveUnsettled(failure);
      task.lookWith(() => Promise.reject(asError(secondary)));
      return 'unknown';
    }
  }

  async #returnAfter(failure: unknown, { instance }: InstanceTask): Promise<void> {
    try {
      await this.#goBack(instance);
    } catch (secondary) {
      suppress(failure, secondary, 'bring the instance back from its live migration');
      leaveUnsettled(failure);
    }
  }

  /** The source is as it was before, and so is the destination, if it can be asked. Each step is tried, whatever becomes of the others. */
  async #goBack(instance: Instance): Promise<void> {
    const { providers } = this.#parts;
    const { data, sourceHost, uuid: migrationUuid } = this.#record.present;
    if (data === null) return;
    const steps = [() => this.#stay(instance), () => interfacesAt(instance, sourceHost, providers)];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await this.#steadily<unknown>(step);
      } catch (failure) {
        failures.push(failure);
      }
    }
    await this.#clearDestination(instance, data);
    if (failures.length > 0)
      throw new AggregateError(failures, `the live migration ${migrationUuid} cannot be taken back at its source`);
  }

  /** Never rejects. A destination that cannot be asked must not keep the guest at the source from going on. */
  async #clearDestination(instance: Instance, data: LiveMigrationData): Promise<void> {
    const { log } = this.#parts;
    const { uuid: instanceUuid } = instance;
    const asked = { instanceUuid, instance: specOf(instance), data };
    try {
      await this.#steadily(() => this.#destination(instanceUuid).rollbackLiveMigration(asked));
    } catch (failure) {
      // It removes it itself, as soon as it hears that the move is over.
      log.error({ err: failure, instanceUuid }, 'a destination still holds what a live migration has made ready there');
    }
  }

  async #settleHere(instance: Instance): Promise<SettledMove> {
    await this.#goBack(instance);
    const here = await this.#parts.driver.inspect({ instance: this.#record.guest });
    return {
      end: 'returned',
      vmState: vmStateBack(this.#record.present, here),
      powerState: here.powerState,
      patch: {},
      writes: [this.#record.to('failed')],
    };
  }

  /** Whether another move has taken the instance on from where this one has brought it. */
  #hasMovedOn({ host }: Instance): boolean {
    const { sourceHost, destinationHost } = this.#record.present;
    return host !== sourceHost && host !== destinationHost;
  }

  /** What is here still is removed. The instance itself is none of this host's any more. */
  async #leaveBehind(instance: Instance): Promise<SettledMove> {
    const { data } = this.#record.present;
    const { driver, volumes } = this.#parts;
    if (data !== null)
      await driver.with('liveMigration').postLiveMigrationAtSource({ instance: specOf(instance), data });
    await volumes.disconnect(instance.uuid);
    const { vmState, powerState } = instance;
    return { end: 'moved on', vmState, powerState, patch: {}, writes: [this.#record.to('completed')] };
  }

  /** Whether the guest may have left. */
  get #hasBegun(): boolean {
    return this.#record.present.status === 'running';
  }

  /**
   * Where the guest is, from now on. A hypervisor goes on with a live migration that nobody follows any more, and a guest that was seen here
   * may be gone the moment after: so it is stopped first.
   */
  async #place(instance: Instance): Promise<Place> {
    return await this.#look(instance.uuid, async () => {
      await this.#stay(instance);
      return await this.#parts.driver.inspect({ instance: this.#record.guest });
    });
  }

  /** What is true of the guest when the move has failed, and does not go on. */
  async #truth(instanceUuid: string): Promise<GuestInspection> {
    const { driver } = this.#parts;
    const place = await this.#look(instanceUuid, () => driver.inspect({ instance: this.#record.guest }));
    if (place === 'destination') {
      throw new ComputeError('OUTCOME_UNKNOWN', { operation: 'live-migrate' }, { operator: { place } });
    }
    return await driver.inspect({ instance: this.#record.guest });
  }

  /**
   * Looks here, then there: a guest leaves and does not come back. One that runs at one of them is there, whatever the other holds or whether
   * it answers: it never runs at both. Rejects when that does not settle it.
   */
  async #look(instanceUuid: string, inspectHere: () => Promise<GuestInspection>): Promise<Place> {
    const { sourceHost, destinationHost } = this.#record.present;
    const here = await this.#seen(sourceHost, inspectHere);
    if (isRunning(here)) return 'source';
    const there = await this.#seen(destinationHost, () => this.#destination(instanceUuid).inspect(this.#record.asked));
    if (isRunning(there)) return 'destination';
    if (here.status === 'rejected') throw here.reason;
    if (there.status === 'rejected') throw there.reason;
    if (here.value.guest === 'present') return 'source';
    return there.value.guest === 'present' ? 'destination' : 'nowhere';
  }

  async #seen(end: string, inspect: () => Promise<GuestInspection>): Promise<PromiseSettledResult<GuestInspection>> {
    try {
      return { status: 'fulfilled', value: await inspect() };
    } catch (reason) {
      const { instanceUuid } = this.#record.present;
      const message = 'an end of a live migration does not tell whether the guest is there';
      this.#parts.log.warn({ err: reason, instanceUuid, end }, message);
      return { status: 'rejected', reason };
    }
  }

  /** The guest does not leave any more. */
  async #stay(instance: Instance): Promise<void> {
    const { data } = this.#record.present;
    if (data === null) return;
    await this.#parts.driver.with('liveMigration').rollbackLiveMigrationAtSource({ instance: specOf(instance), data });
  }

  async #steadily<Value>(attempt: () => Promise<Value>): Promise<Value> {
    return await steadily(this.#parts, attempt, { signal: this.#signal });
  }

  #destination(instanceUuid: string): HostPeer {
    return endAt(this.#parts, this.#record.present.destinationHost, instanceUuid);
  }
}

function isRunning(seen: PromiseSettledResult<GuestInspection>): boolean {
  return seen.status === 'fulfilled' && seen.value.powerState === 'RUNNING';
}

function asError(failure: unknown): Error {
  return failure instanceof Error
    ? failure
    : new Error('nobody knows where the guest of a live migration is', { cause: failure });
}
