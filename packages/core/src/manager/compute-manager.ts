import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import type {
  CallOptions,
  ConsoleOutputOptions,
  GuestInspection,
  PowerOffOptions,
  RebootType,
} from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import { GuestOperations } from './guest-operations.js';
import { OperationFamily, type FamilyParts } from './operation-family.js';

/**
 * The instance operations of one host, by the names of Nova's compute manager.
 *
 * Every operation takes who asks, the instance as last read, and options. It resolves with the instance at its goal. It rejects
 * with the first error, and then:
 * - the vm state says what is true of the guest, the task state is clear unless another action has taken the instance over;
 * - the failure is on record: one fault (public text and operator details apart), a closed event with result `Error`, one
 *   `instance.<action>.error` and one `compute.exception` notification;
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
  /** What is asked of the system inside a guest. */
  readonly guest: GuestOperations;

  constructor(parts: FamilyParts) {
    super(parts);
    this.guest = new GuestOperations(parts);
  }

  /**
   * Makes the guest of an instance whose record was created as `building`, and starts it. Ends `active`. On failure the
   * instance is in `error` and nothing of the guest is left.
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async buildAndRunInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('build', context, instance, options, async (task, signal) => {
      await task.advance('spawning');
      await this.parts.driver.spawn(task.spec, { signal });
    });
  }

  /** Removes the guest with its disks. Ends `deleted`. Overtakes and cancels whatever else runs for the instance. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async terminateInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('terminate', context, instance, options, async (task, signal) => {
      await this.parts.driver.destroy(task.instance.uuid, { signal });
    });
  }

  /** Starts a stopped guest. Ends `active`; a failure leaves it `stopped`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async startInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('start', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('power').powerOn(task.spec, { signal });
    });
  }

  /** Stops a guest, asking it first when `options.gracePeriodMs` gives it time. Ends `stopped`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async stopInstance(context: RequestContext, instance: Instance, options: PowerOffOptions = {}): Promise<Instance> {
    return await this.run('stop', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('power').powerOff(task.instance.uuid, { ...options, signal });
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
      await task.advance(hard ? 'reboot_started_hard' : 'reboot_started');
      await driver.reboot(task.spec, type, { signal });
    });
  }

  /** Stops the guest's CPUs; its memory stays. Ends `paused`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async pauseInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('pause', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('pause').pause(task.instance.uuid, { signal });
    });
  }

  /** Lets a paused guest go on. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unpauseInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('unpause', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('pause').unpause(task.instance.uuid, { signal });
    });
  }

  /** Saves the guest's memory to disk and stops it. Ends `suspended`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async suspendInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('suspend', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('suspend').suspend(task.instance.uuid, { signal });
    });
  }

  /** Lets a suspended guest go on from its saved memory. Ends `active`. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async resumeInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('resume', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('suspend').resume(task.spec, { signal });
    });
  }

  /** The end of what the guest has written to its serial port, as it wrote it. @throws ComputeError `CONSOLE_UNAVAILABLE` */
  @wrapException
  async getConsoleOutput(
    _context: RequestContext,
    instance: Instance,
    options: ConsoleOutputOptions = {},
  ): Promise<Uint8Array> {
    return await this.parts.driver.with('consoleOutput').getConsoleOutput(instance.uuid, options);
  }

  /** What the driver says of an instance's guest now. */
  @wrapException
  async inspectInstance(
    _context: RequestContext,
    instance: Instance,
    options: CallOptions = {},
  ): Promise<GuestInspection> {
    return await this.parts.driver.inspect(instance.uuid, options);
  }
}
