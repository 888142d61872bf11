import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import {
  isComputeError,
  suppress,
  supports,
  type CallOptions,
  type Diagnostics,
  type GuestInspection,
  type RebootType,
} from '../driver/index.js';
import { askedOfGuest } from '../guard/guest-lost.js';
import type { GuestRef } from '../guard/guest-ref.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import { Belongings, type BuildWish } from './belongings.js';
import { ConsoleOperations } from './console-operations.js';
import { deleteShelvedImages } from './delete-shelved-images.js';
import { GuestOperations } from './guest-operations.js';
import { guestToStart } from './guest-to-start.js';
import { ImageOperations } from './image-operations.js';
import { InterfaceOperations } from './interface-operations.js';
import { LifecycleOperations } from './lifecycle-operations.js';
import type { ConsoleOutputOptions, PowerOffOptions } from './guest-options.js';
import { MoveOperations } from './move-operations.js';
import { OperationFamily, type FamilyParts } from './operation-family.js';
import { refuseToStopNothing } from './refuse-to-stop-nothing.js';
import { RepairOperations } from './repair-operations.js';
import { VolumeOperations } from './volume-operations.js';

/**
 * Whether somebody wants the guest's power to change, or another service says that it has: then a driver that declares `powerUpdate` is told
 * just that. Default `asked`.
 */
export interface PowerOrigin {
  readonly origin?: 'asked' | 'reported';
}

export interface StartInstanceOptions extends CallOptions, PowerOrigin {}
export interface StopInstanceOptions extends PowerOffOptions, PowerOrigin {}

/** How an instance is built. */
export interface BuildOptions extends CallOptions, BuildWish {}

/**
 * The instance operations of one host, by the names of Nova's compute manager.
 *
 * Every operation takes who asks, the instance as last read, and options. It resolves with the instance at its goal. It rejects
 * with the first error, and then:
 * - the vm state says what is true of the guest, the task state is clear unless another action has taken the instance over;
 * - the failure is on record: one fault (public text and operator details apart), a closed event with result `Error`, one
 *   `instance.<action>.error` and, unless the caller is at fault, one `compute.exception` notification;
 * - nothing of a half-done operation is left on the host, as far as the driver keeps its contract.
 *
 * `options.signal` cancels an operation, which then ends like any other failure. Operations on one instance wait for each
 * other, in order; `terminateInstance` overtakes and cancels the rest.
 *
 * Called through `ComputeApi` a request is checked, recorded and queued first. Called directly, as here, an operation takes hold of
 * an idle instance by itself, and its events are kept under the request id.
 *
 * Common errors: `INSTANCE_NOT_FOUND`, `UNEXPECTED_TASK_STATE`, `INSTANCE_INVALID_STATE`, `INSTANCE_QUARANTINED`, `QUEUE_FULL`,
 * `NOT_SUPPORTED`, `HYPERVISOR_UNAVAILABLE`, `OUTCOME_UNKNOWN`, `DEADLINE_EXCEEDED`, `ABORTED`, `STORE_UNAVAILABLE`, `INTERNAL`.
 */
export class ComputeManager extends OperationFamily {
  /** What takes guests to other hosts and flavors. */
  readonly moves: MoveOperations;
  /** What is asked of the system inside a guest. */
  readonly guest: GuestOperations;
  /** The volumes that guests have. */
  readonly volumes: VolumeOperations;
  /** The network interfaces that guests have. */
  readonly interfaces: InterfaceOperations;
  /** Rights to the consoles of guests. */
  readonly consoles: ConsoleOperations;
  readonly #belongings: Belongings;
  /** What hides a guest and brings it back, and what stops one that nothing else stops. */
  readonly lifecycle: LifecycleOperations;
  /** What brings a guest back from another image, or with a fresh disk. */
  readonly repair: RepairOperations;
  /** What makes images of guests, and what shelved instances are kept in. */
  readonly images: ImageOperations;

  constructor(parts: FamilyParts) {
    super(parts);
    this.moves = new MoveOperations(parts);
    this.guest = new GuestOperations(parts);
    this.volumes = new VolumeOperations(parts);
    this.interfaces = new InterfaceOperations(parts);
    this.consoles = new ConsoleOperations(parts);
    this.#belongings = new Belongings(parts);
    this.lifecycle = new LifecycleOperations(parts);
    this.repair = new RepairOperations(parts);
    this.images = new ImageOperations(parts);
  }

  /**
   * Makes the guest of an instance whose record was created as `building`, with the interfaces and volumes that `options` wishes for, and
   * starts it. Ends `active`. On failure the instance is in `error`, nothing of the guest is left, and what was got for it is given back.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async buildAndRunInstance(
    context: RequestContext,
    instance: Instance,
    { networks, volumes, ...options }: BuildOptions = {},
  ): Promise<Instance> {
    const wish = { ...(networks && { networks }), ...(volumes && { volumes }) };
    return await this.run('build', context, instance, options, async (task, signal) => {
      const guest = await this.#belongings.obtain(task, wish, signal);
      await this.parts.driver.spawn({ instance: guest }, { signal });
    });
  }

  /**
   * Removes the guest with its disks, and gives its volumes and interfaces back. Ends `deleted`, and only when all of that is done: the
   * next delete goes on with it. Overtakes and cancels whatever else runs for the instance.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async terminateInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    const terminated = await this.run('terminate', context, instance, options, async (task, signal) => {
      await this.#destroy(task.instance, signal);
      task.noteChange();
      const writes = await this.moves.endMoves(task.instance);
      await this.#belongings.giveBack(task.instance, signal);
      return { writes };
    });
    await deleteShelvedImages(terminated, this.parts);
    return terminated;
  }

  /** Starts a stopped guest. Ends `active`; a failure leaves it `stopped`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async startInstance(
    context: RequestContext,
    instance: Instance,
    { origin = 'asked', ...options }: StartInstanceOptions = {},
  ): Promise<Instance> {
    return await this.run('start', context, instance, options, async (task, signal) => {
      const { driver } = this.parts;
      if (origin === 'reported' && supports(driver, 'powerUpdate')) {
        await driver.with('powerUpdate').powerUpdateEvent({ instance: task.instance, target: 'POWER_ON' }, { signal });
      } else {
        await driver.with('power').powerOn({ instance: await guestToStart(task, this.parts, signal) }, { signal });
      }
    });
  }

  /**
   * Stops a guest, asking it first when `options.gracePeriodMs` gives it time. Ends `stopped`. One in `error` that was never made, or of which
   * nothing is left, stays so. @throws ComputeError `GUEST_OPERATION_FAILED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async stopInstance(
    context: RequestContext,
    instance: Instance,
    { origin = 'asked', ...options }: StopInstanceOptions = {},
  ): Promise<Instance> {
    const { signal: _, ...stopping } = options;
    return await this.run('stop', context, instance, options, async (task, signal) => {
      const { driver } = this.parts;
      await refuseToStopNothing(task.instance, driver, signal);
      if (origin === 'reported' && supports(driver, 'powerUpdate')) {
        await driver.with('powerUpdate').powerUpdateEvent({ instance: task.instance, target: 'POWER_OFF' }, { signal });
      } else {
        await driver.with('power').powerOff({ instance: task.instance, ...stopping }, { signal });
      }
    });
  }

  /**
   * Restarts a guest. `SOFT` asks it, and falls back to `HARD`. `HARD` works from every state with a guest, and from `error`: it
   * is the universal repair. Ends `active`.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async rebootInstance(
    context: RequestContext,
    instance: Instance,
    type: RebootType,
    options: CallOptions = {},
  ): Promise<Instance> {
    const hard = type === 'HARD';
    return await this.run(hard ? 'hardReboot' : 'softReboot', context, instance, options, async (task, signal) => {
      await task.advance(hard ? 'reboot_pending_hard' : 'reboot_pending');
      const driver = this.parts.driver.with('reboot');
      const guest = await guestToStart(task, this.parts, signal);
      await task.advance(hard ? 'reboot_started_hard' : 'reboot_started');
      await driver.reboot({ instance: guest, type }, { signal });
    });
  }

  /** Stops the guest's CPUs; its memory stays. Ends `paused`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async pauseInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('pause', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('pause').pause({ instance: task.instance }, { signal });
    });
  }

  /** Lets a paused guest go on. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unpauseInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('unpause', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('pause').unpause({ instance: task.instance }, { signal });
    });
  }

  /** Saves the guest's memory to disk and stops it. Ends `suspended`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async suspendInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('suspend', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('suspend').suspend({ instance: task.instance }, { signal });
    });
  }

  /** Lets a suspended guest go on from its saved memory. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async resumeInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('resume', context, instance, options, async (task, signal) => {
      const guest = await guestToStart(task, this.parts, signal);
      await this.parts.driver.with('suspend').resume({ instance: guest }, { signal });
    });
  }

  /** The end of what the guest has written to its serial port, as it wrote it. @throws ComputeError `CONSOLE_UNAVAILABLE` */
  @wrapException
  async getConsoleOutput(
    _context: RequestContext,
    instance: Instance,
    { signal, ...asked }: ConsoleOutputOptions = {},
  ): Promise<Uint8Array> {
    const driver = this.parts.driver.with('consoleOutput');
    return await askedOfGuest(driver.getConsoleOutput({ instance, ...asked }, signal ? { signal } : {}));
  }

  /** Figures of a running guest. @throws ComputeError `NOT_SUPPORTED`, `INSTANCE_INVALID_STATE` when it is off */
  @wrapException
  async getDiagnostics(_context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Diagnostics> {
    return await askedOfGuest(this.parts.driver.with('diagnostics').getDiagnostics({ instance }, options));
  }

  /** What the driver finds under an instance's uuid now, whichever generation it is. For operators. */
  @wrapException
  async inspectInstance(
    _context: RequestContext,
    instance: Instance,
    options: CallOptions = {},
  ): Promise<GuestInspection> {
    return await this.parts.driver.inspectAny({ instanceUuid: instance.uuid }, options);
  }

  /** One whose answer was lost may be done; then what the instance has must not wait for the next delete. */
  async #destroy(guest: GuestRef, signal: AbortSignal): Promise<void> {
    const { driver } = this.parts;
    try {
      await driver.destroy({ instance: guest }, { signal });
    } catch (failure) {
      const isOpen = isComputeError(failure) && (failure.effect === 'unknown' || failure.effect === 'done');
      if (!isOpen || !(await this.#isGone(guest, failure))) throw failure;
    }
  }

  async #isGone(ref: GuestRef, failure: unknown): Promise<boolean> {
    try {
      const { guest, belongings } = await this.parts.driver.inspect({ instance: ref });
      return guest === 'absent' && belongings.length === 0;
    } catch (secondary) {
      suppress(failure, secondary, 'find out what is true');
      return false;
    }
  }
}
