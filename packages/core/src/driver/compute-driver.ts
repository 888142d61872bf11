import type { CallOptions } from './call-options.js';
import type { GuestRequest, HostRequest, InstanceRequest } from './driver-request.js';
import type { DriverCapabilities } from './driver-capabilities.js';
import type { HonouredProperties } from './honoured-properties.js';
import type { PowerState } from './power-state.js';

/**
 * What a hypervisor must do to be driven by the compute manager.
 *
 * ## Words
 * - **instance**: a virtual machine as the manager knows it, named by `uuid`. Never by its display name.
 * - **guest**: that machine as the hypervisor knows it (libvirt: a domain). Its own ids stay inside the driver.
 * - **power state**: what the hypervisor says of a guest now. The hypervisor is always right about it.
 * - **task state**: what the manager is doing to an instance. A driver neither reads nor sets it.
 * - **vif**: a guest's end of a network interface.
 * - **managed guest**: one this driver made. It never reports, touches or destroys another.
 * - **generation**: which of the guests that have had an instance's uuid. See below.
 *
 * ## Life of a driver
 * A {@link DriverDefinition} creates it; then `initHost` → any calls, in any order → `cleanupHost`. The manager calls
 * nothing before `initHost` has resolved nor after `cleanupHost` was called. The driver object holds no truth: a second
 * one, created after the first died at any point, finds everything it needs on the hypervisor. Guests outlive it.
 *
 * Calls that change one instance never overlap, with two exceptions: `destroy` and a `powerOff` without a grace period may
 * come while another call for the same instance hangs, and must get through; `liveMigrationAbort` and `liveMigrationForceComplete`
 * concern a `liveMigration` that is under way. Calls for different instances do overlap.
 * A call that was aborted and does not settle within its grace (10 s unless configured) is given up: once `inspect` has
 * answered, other calls for that instance follow. Should it settle later, its result is only logged.
 *
 * Calls that only read (`getInfo`, `inspect`, `listInstanceUuids`) come at any time and never wait for one that changes.
 *
 * ## A hypervisor that goes away
 * Its daemon restarts, its host loses power, the network breaks: the driver connects anew by itself, at once and then
 * with pauses that grow to a bound, for as long as it is not cleaned up. It emits `unavailable` when it has lost the
 * hypervisor and `available` when calls work and events flow again. A call that was under way is `OUTCOME_UNKNOWN`, or
 * `HYPERVISOR_UNAVAILABLE` where nothing was sent. Nobody calls `initHost` a second time.
 *
 * ## Generations
 * Two guests can have had one uuid: one made by a build, another by the rebuild that came after it, or one that a lost record named
 * and one that a new record names. Each spawn therefore has a generation, `instance.generation`, and the driver stores it with the
 * guest: in the definition, in the same step that makes it, so that no guest is ever without. A redefinition from a spec stores the spec's.
 * The guest keeps it through reboots, rescues, rebuilds in place, resizes and migrations, and takes it to the host it moves to.
 * - `inspect` tells the generation that it found. It is asked by uuid alone.
 * - Every other method about a guest names the generation. A driver compares it in one place, where it looks the guest up.
 * - For all but `spawn` and `inspect`, a guest of another generation is absent. `destroy`, `powerOff` and what cleans up after a move resolve
 *   and touch nothing. A method that would make a guest in its place rejects with `INSTANCE_EXISTS`, the others with `INSTANCE_NOT_FOUND`.
 * - A request without a generation means a guest that was made before there were generations. Such a guest answers to every name but that
 *   of a `destroy`, because the next start from a spec gives it a generation. The manager compares before that, and more strictly.
 *
 * ## One shape
 * Every method is `method(request, options)`, so that one guard, one transport and one test serve them all.
 * - The request is one value and says all that is asked for: JSON, and beside it `Secret`, `bigint` and `Uint8Array`. It never has a callback.
 * - `request.instance` names the guest: an `InstanceSpec` where the driver needs all of it, a `GuestName` otherwise. `inspect` alone takes
 *   `instanceUuid`. A method about the host that needs nothing said takes `{}`.
 * - The options say how the call goes: `signal`, and `onProgress` where there is progress. They may be left out.
 * - A new field is an addition, which earlier drivers do not read. A driver that wraps another passes the request on whole.
 *
 * ## Rules for every method
 * - It rejects with a `ComputeError` and nothing else. The hypervisor's own words go into its operator facts and its
 *   `cause`, never into its details. Foreign errors are translated in one file of the driver.
 * - It returns only what it has checked: when `powerOff` resolves, `getInfo` says `SHUTDOWN`.
 * - Before it has changed anything it may reject with an error of effect `none`; the manager then keeps the vm state. After
 *   that it undoes what it did and rejects with the first error, those of the undoing `suppress`ed onto it. However complete
 *   the undoing was, the effect is then not `none`: the manager looks for itself.
 * - `HYPERVISOR_UNAVAILABLE` means that the request was not sent. When a request was sent and its answer was lost, the
 *   error is `OUTCOME_UNKNOWN`; the manager then calls `inspect` and repeats nothing blindly.
 * - It heeds `options.signal`, and settles soon after the abort. An aborted call that changed something undoes it or leaves a state
 *   that `inspect` tells truly.
 * - After `cleanupHost` it rejects with `HYPERVISOR_UNAVAILABLE`.
 * - An instance without a guest is `INSTANCE_NOT_FOUND`, unless the method's doc says that this is success.
 * - It is idempotent where its doc says so, and only there.
 * - Sizes are in MiB or GiB and say so in their name; times are in milliseconds.
 * - An ability that is not declared in `capabilities` is never called. See {@link DriverCapabilities}.
 */
export interface ComputeDriver {
  /** What this driver can do beyond this interface. Fixed before `initHost` is called. */
  readonly capabilities: DriverCapabilities;

  /**
   * Which extra specs of flavors and properties of images this driver acts on. Fixed before `initHost` is called. The manager
   * refuses the others with `INVALID_INPUT` before anything is written. Left out: nothing is refused.
   */
  readonly honoured?: HonouredProperties | undefined;

  /**
   * Connects to the hypervisor, and drops what a driver that died has left begun and no later call would find: captures of disks, and copies
   * under way, to other hosts too. Nothing of its own runs on the host at that moment. Guests, and what a record may know of (disks, vifs,
   * the halves of moves), stay as they are. Afterwards events are emitted through the environment the driver was created with.
   * Called once; when it rejects, the driver is of no more use and only `cleanupHost` follows.
   * @throws ComputeError `HYPERVISOR_UNAVAILABLE`, `INVALID_CONFIGURATION`
   */
  initHost(request: HostRequest, options?: CallOptions): Promise<void>;

  /** Releases every connection and stops emitting events. Guests go on. Idempotent; never rejects because the hypervisor is gone. */
  cleanupHost(request: HostRequest, options?: CallOptions): Promise<void>;

  /**
   * Creates the guest of an instance and, unless `start` is `'leave-off'`, starts it. Afterwards its power state is
   * `RUNNING` (or `SHUTDOWN`). On failure nothing of it is left on the host: no guest, disk, vif or secret of its own.
   * Waits for `network-vif-plugged` where the driver can start guests paused.
   *
   * Idempotent for a generation: repeated for a guest of its own generation it resolves when that guest is complete, and otherwise goes on
   * where an earlier spawn was cut off. A guest of another generation, and disks of another, are left alone: `INSTANCE_EXISTS`. A guest
   * from before generations is another's to every spawn, also to one whose spec has no generation.
   * @throws ComputeError `INSTANCE_EXISTS` (effect `none`), `GUEST_START_FAILED`, `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`,
   * `FLAVOR_TOO_SMALL`, `INSUFFICIENT_RESOURCES`, `VIF_PLUG_FAILED`, `VIF_PLUG_TIMEOUT`
   */
  spawn(request: SpawnRequest, options?: CallOptions): Promise<void>;

  /**
   * Stops the guest without asking it, and removes it with everything it has on this host; its disks too unless `disks` is
   * `'keep'`, those kept for the revert of a move among them. Volumes are let go, never removed. Idempotent: resolves when there is no guest, and also then removes what is left of one.
   *
   * A guest of another generation than the one that is named is absent to it: it resolves and touches nothing. So is what is left of one,
   * where the driver can tell whose it is.
   */
  destroy(request: DestroyRequest, options?: CallOptions): Promise<void>;

  /** The guest's power state, asked for now. @throws ComputeError `INSTANCE_NOT_FOUND` */
  getInfo(request: GuestRequest, options?: CallOptions): Promise<GuestInfo>;

  /**
   * What is true of an instance on this host, for recovery and for errors of unknown outcome. Resolves for an unknown
   * instance too; rejects only when the hypervisor does not answer. It takes no generation and tells which one it found.
   */
  inspect(request: InspectRequest, options?: CallOptions): Promise<GuestInspection>;

  /** The uuids of all managed guests on the host, running or not, in no order. */
  listInstanceUuids(request: HostRequest, options?: CallOptions): Promise<readonly string[]>;
}

export interface SpawnRequest extends InstanceRequest {
  /** Default `'power-on'`. */
  readonly start?: 'power-on' | 'leave-off';
  /**
   * Default `'make'`. `'reuse'`: the disks are there, on storage this host shares with the one that had them, and the guest is made
   * around them; on failure they stay. One that is missing is `GUEST_START_FAILED` with reason `disk`.
   */
  readonly disks?: 'make' | 'reuse';
}

export interface DestroyRequest extends GuestRequest {
  /** Default `'remove'`. */
  readonly disks?: 'remove' | 'keep';
}

export interface InspectRequest {
  readonly instanceUuid: string;
}

export interface GuestInfo {
  readonly powerState: PowerState;
}

export interface GuestInspection {
  /** Whether the hypervisor has a guest for the instance, running or not. */
  readonly guest: 'present' | 'absent';
  /** `NOSTATE` when absent. */
  readonly powerState: PowerState;
  /** Whether its memory is saved to disk, so that a start resumes it. */
  readonly savedMemory: 'present' | 'absent';
  /** What it boots from, now or at its next start. Left out: its own disk. */
  readonly bootsFrom?: 'own-disk' | 'rescue-image';
  /**
   * The generation of the guest, or, without a guest, of what is left of one. `null`: it was made before there were generations. Left out:
   * nothing is there, or there is no guest and the driver cannot tell whose the rest is.
   */
  readonly generation?: string | null;
  /**
   * The id of the image that its own disk was made from, when the driver can tell. Drivers that replace disks in place (`rebuild`) must, so
   * that a record can say which disk a failed replacement has left. Left out: there is no disk, or the driver cannot tell.
   */
  readonly imageId?: string;
  /**
   * What the host holds for the instance, in a few words each that begin with what it is: `disk`, `vif`, `secret`, … For
   * operators, and for the check that nothing leaks: empty for an instance the host has never had or has destroyed with its
   * disks, without `vif` and `secret` for one that does not run.
   */
  readonly belongings: readonly string[];
}
