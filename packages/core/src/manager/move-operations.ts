import {
  errorsOutMigration,
  revertsTaskState,
  wrapException,
  wrapInstanceEvent,
  wrapInstanceFault,
} from '@virtkit/decorators';
import { ComputeError, isComputeError, type CallOptions, type Flavor } from '../driver/index.js';
import { askedOfGuest } from '../guard/guest-lost.js';
import type { Instance } from '../model/instance.js';
import type { Migration, MigrationStatus } from '../model/migration.js';
import type { RequestContext } from '../model/request-context.js';
import { isUnsettled, leaveUnsettled } from '../model/unsettled.js';
import { endMoves } from '../moves/end-moves.js';
import { Evacuation } from '../moves/evacuation.js';
import { LiveMove, type LiveMigrationDisks } from '../moves/live-move.js';
import { MigrationRecord, type NewMove } from '../moves/migration-record.js';
import { endAt } from '../moves/move-parts.js';
import { openMoveOf, openMovesOf } from '../moves/open-move.js';
import { ResizeMove } from '../moves/resize-move.js';
import { ResizeReturn } from '../moves/resize-return.js';
import { steadily } from '../moves/steadily.js';
import type { Records } from '../records/records.js';
import type { InstanceTask } from '../runner/instance-task.js';
import type { WorkDone } from '../runner/operation-runner.js';
import type { StoreWrite } from '../store/store-write.js';
import { OperationFamily } from './operation-family.js';

export interface ResizeWish {
  readonly flavor: Flavor;
  /** Default: the host where it is. */
  readonly destinationHost?: string;
}

export interface LiveMigrationWish {
  readonly destinationHost: string;
  /** Default `whatever-fits`. */
  readonly disks?: LiveMigrationDisks;
}

/**
 * What takes a guest to another host, or gives it another flavor. One manager leads each move, that of the host which has the instance; it
 * asks the manager of the other end through `HostPeers`. A move that fails is taken back at both ends; what cannot be taken back is named
 * in the operator's part of the fault, and the instance is set aside while nobody knows at which end its guest is.
 */
export class MoveOperations extends OperationFamily {
  /** Instances whose live migration somebody has asked to stop. */
  readonly #aborting = new Set<string>();

  /**
   * Gives a guest another flavor, here or on another host. Ends `resized`: it runs with the new flavor, and the old one is kept until it is
   * confirmed or reverted. @throws ComputeError `DESTINATION_UNAVAILABLE`, `INSUFFICIENT_RESOURCES`, `MIGRATION_REFUSED`, `MIGRATION_FAILED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async resizeInstance(
    context: RequestContext,
    instance: Instance,
    { flavor, destinationHost = this.parts.host }: ResizeWish,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('resize', context, instance, options, async (task, signal) => {
      const record = this.#begin({
        kind: 'resize',
        instance: task.instance,
        context,
        destinationHost,
        newFlavor: flavor,
      });
      return await this.#lead(task, record, () => new ResizeMove(this.parts.moves, record).carryOut(task, signal));
    });
  }

  /** Moves a guest that is off meanwhile to another host. Ends `resized`, as {@link resizeInstance}. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async migrateInstance(
    context: RequestContext,
    instance: Instance,
    destinationHost: string,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('migrate', context, instance, options, async (task, signal) => {
      refuseSameHost(task.instance, destinationHost);
      const newFlavor = task.instance.flavor;
      const record = this.#begin({ kind: 'migration', instance: task.instance, context, destinationHost, newFlavor });
      return await this.#lead(task, record, () => new ResizeMove(this.parts.moves, record).carryOut(task, signal));
    });
  }

  /** Gives up what was kept of a resized instance. Ends `active` or `stopped`; a failure leaves it `resized`, to be confirmed again. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async confirmResize(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('confirmResize', context, instance, options, async (task, signal) => {
      const record = await this.#openResize(task.instance, ['finished', 'confirming']);
      const { uuid: instanceUuid } = task.instance;
      const source = endAt(this.parts.moves, record.present.sourceHost, instanceUuid);
      // Once the source is asked to give up what it keeps nobody reverts any more: the move stays open to be confirmed again.
      await task.save({}, [record.to('confirming')]);
      await steadily(this.parts, () => source.confirmResize(record.asked, { signal }), { signal });
      return { writes: [record.to('confirmed')] };
    });
  }

  /**
   * Brings a resized instance back to its old flavor and host. Ends `active` or `stopped`. A failure before the resized guest was removed
   * leaves it `resized`; a later one leaves it in `error`, to be reverted again.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async revertResize(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('revertResize', context, instance, options, async (task, signal) => {
      const accepted: readonly MigrationStatus[] =
        task.instance.vmState === 'error' ? ['reverting'] : ['finished', 'reverting'];
      const record = await this.#openResize(task.instance, accepted);
      return await new ResizeReturn(this.parts.moves, record).carryOut(task, signal);
    });
  }

  /**
   * Moves a running guest to another host; it goes on all the while. Afterwards it runs there, in the vm state it was in. When it does not
   * get there it goes on here. @throws ComputeError `DESTINATION_UNAVAILABLE`, `INSUFFICIENT_RESOURCES`, `MIGRATION_REFUSED`,
   * `MIGRATION_FAILED`, `ABORTED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async liveMigrateInstance(
    context: RequestContext,
    instance: Instance,
    { destinationHost, disks = 'whatever-fits' }: LiveMigrationWish,
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('liveMigrate', context, instance, options, async (task, signal) => {
      refuseSameHost(task.instance, destinationHost);
      const { uuid, flavor: newFlavor } = task.instance;
      const record = this.#begin({
        kind: 'live-migration',
        instance: task.instance,
        context,
        destinationHost,
        newFlavor,
      });
      try {
        return await this.#lead(task, record, () =>
          new LiveMove(this.parts.moves, record).carryOut(task, disks, signal),
        );
      } finally {
        this.#aborting.delete(uuid);
      }
    });
  }

  /** Stops a live migration that runs; its action then ends as `cancelled`. Resolves when the driver has stopped it. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  @wrapException
  async abortLiveMigration(_context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<void> {
    this.#aborting.add(instance.uuid);
    try {
      await askedOfGuest(this.parts.driver.with('liveMigrationAbort').liveMigrationAbort({ instance }, options));
    } catch (failure) {
      this.#aborting.delete(instance.uuid);
      throw overIfGone(failure, instance);
    }
  }

  /** Makes a live migration end, at the price of a pause. Resolves when the wish is accepted. @throws ComputeError `NO_ACTIVE_MIGRATION` */
  @wrapException
  async forceCompleteLiveMigration(
    _context: RequestContext,
    instance: Instance,
    options: CallOptions = {},
  ): Promise<void> {
    const driver = this.parts.driver.with('liveMigrationForceComplete');
    try {
      await askedOfGuest(driver.liveMigrationForceComplete({ instance }, options));
    } catch (failure) {
      throw overIfGone(failure, instance);
    }
  }

  /**
   * Takes over an instance whose host is dead, and makes its guest here: around its own disks where this host reaches them, of its image
   * otherwise. Ends `active` or `stopped`. @throws ComputeError `HOST_TAKEN` while the manager of its host lives, `MIGRATION_REFUSED`,
   * `INSUFFICIENT_RESOURCES`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async evacuateInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('evacuate', context, instance, options, async (task, signal) => {
      const { host: destinationHost } = this.parts;
      refuseSameHost(task.instance, destinationHost);
      const newFlavor = task.instance.flavor;
      const record = this.#begin({ kind: 'evacuation', instance: task.instance, context, destinationHost, newFlavor });
      const evacuation = new Evacuation(this.parts.moves, record);
      await evacuation.fence(task.instance, signal);
      return await this.#lead(task, record, () => evacuation.carryOut(task, signal));
    });
  }

  /** For whoever deletes an instance: removes what its moves have at other hosts, and answers the ends of their records. Never rejects. */
  async endMoves(instance: Instance): Promise<readonly StoreWrite[]> {
    return await endMoves(instance, this.parts.moves);
  }

  #begin(move: NewMove): MigrationRecord {
    return MigrationRecord.begin(move, this.parts.clock);
  }

  async #lead(task: InstanceTask, record: MigrationRecord, work: () => Promise<WorkDone>): Promise<WorkDone> {
    await refuseUntidyHost(record.present, this.parts.records);
    await task.save({}, [record.to('accepted')]);
    return await this.carryOutMove(task.context, task.instance, record.present, work);
  }

  /** One move, whose record ends with it when it fails. */
  @errorsOutMigration
  protected async carryOutMove(
    _context: RequestContext,
    instance: Instance,
    _migration: Migration,
    work: () => Promise<WorkDone>,
  ): Promise<WorkDone> {
    try {
      return await work();
    } catch (failure) {
      if (!this.#aborting.has(instance.uuid) || !isComputeError(failure, 'MIGRATION_FAILED')) throw failure;
      // It did not fail by itself.
      const aborted = new ComputeError('ABORTED', { operation: 'live-migrate' }, { cause: failure, effect: 'partial' });
      if (isUnsettled(failure)) leaveUnsettled(aborted);
      throw aborted;
    }
  }

  async #openResize(instance: Instance, accepted: readonly MigrationStatus[]): Promise<MigrationRecord> {
    const { records, clock } = this.parts;
    const migration = await openMoveOf(instance.uuid, records);
    const isResize = migration?.kind === 'resize' || migration?.kind === 'migration';
    if (!migration || !isResize || !accepted.includes(migration.status)) {
      throw new ComputeError('NO_ACTIVE_MIGRATION', { instanceUuid: instance.uuid });
    }
    return new MigrationRecord(migration, clock);
  }
}

function refuseSameHost({ uuid, host }: Instance, destinationHost: string): void {
  if (host === destinationHost) {
    throw new ComputeError('MIGRATION_REFUSED', { instanceUuid: uuid, reason: 'same host' }, { effect: 'none' });
  }
}

/** A guest that left the source while it was asked is not lost: its migration is over. */
function overIfGone(failure: unknown, { uuid: instanceUuid }: Instance): unknown {
  if (!isComputeError(failure, 'INSTANCE_NOT_FOUND') && !isComputeError(failure, 'GUEST_LOST')) return failure;
  return new ComputeError('NO_ACTIVE_MIGRATION', { instanceUuid }, { cause: failure, effect: 'none' });
}

/** A host that has something of the instance left from an earlier move is no place for it until that is removed. @throws ComputeError `MIGRATION_REFUSED` */
async function refuseUntidyHost({ instanceUuid, destinationHost }: Migration, records: Records): Promise<void> {
  const open = await openMovesOf(instanceUuid, records);
  if (!open.some((each) => each.sourceHost === destinationHost)) return;
  const operator = { message: `What an earlier move has left on ${destinationHost} is not removed yet.` };
  throw new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason: 'busy' }, { effect: 'none', operator });
}
