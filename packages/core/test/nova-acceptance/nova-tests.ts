/** A test of Nova's own: what holds it here, or why nothing does. */
export interface NovaTest {
  readonly nova: string;
  /** `file › title`, below `packages/`; without a title: a test of that file bears the row's id. */
  readonly heldBy?: readonly string[];
  readonly leftOut?: string;
}

const decorators = (file: string, ...titles: readonly string[]) =>
  titles.map((title) => `decorators/test/${file}.ts › ${title}`);
const core = (file: string, ...titles: readonly string[]) =>
  titles.map((title) => `core/test/${file}.test.ts › ${title}`);
const here = (...files: readonly string[]) => files.map((file) => `core/test/nova-acceptance/${file}.test.ts`);

/** The tests of Nova's decorators, in the order of its own: wrap_exception W, wrap_instance_fault F, reverts_task_state R, wrap_instance_event V, companions C. */
const decoratorTests: Readonly<Record<string, NovaTest>> = {
  W1: {
    nova: 'cleanse_dict',
    heldBy: decorators(
      'redact.test',
      'shows nothing that is kept under a name like %s',
      'shows what is kept under other names',
    ),
  },
  W2: { nova: 'good_return', heldBy: decorators('behaviour/notifications', 'are not sent when the method succeeds') },
  W3: {
    nova: 'unknown_module',
    heldBy: decorators('behaviour/notifications', 'name an object without a class anonymous'),
  },
  W4: {
    nova: 'with_notifier',
    heldBy: decorators('behaviour/notifications', 'say what failed, where, for which request and instance'),
  },
  W5: { nova: 'not_emitted_if_disabled', heldBy: here('events') },
  W6: { nova: 'not_emitted_if_unversioned', heldBy: here('events') },
  F1: {
    nova: 'wrap_instance_fault, by keyword',
    heldBy: decorators(
      'behaviour/decorated-methods',
      'finds its instance by its mark, wherever it stands among the arguments',
    ),
  },
  F2: {
    nova: 'instance_in_args',
    heldBy: decorators(
      'behaviour/decorated-methods',
      'finds its instance by its mark, wherever it stands among the arguments',
    ),
  },
  F3: {
    nova: 'no_instance',
    heldBy: decorators(
      'behaviour/one-failing-call',
      'an instance that is gone gets no fault, and is reverted and notified',
    ),
  },
  F4: { nova: 'add_instance_fault', heldBy: here('faults') },
  F5: { nova: 'with_remote_error', heldBy: here('faults') },
  F6: { nova: 'user_error', heldBy: here('faults') },
  F7: { nova: 'no_exc_info', heldBy: here('faults') },
  F8: { nova: 'long_message', heldBy: here('faults') },
  F9: { nova: 'with_message', heldBy: here('faults') },
  R1: { nova: 'state_revert, of 17 operations', heldBy: here('task-states') },
  R2: {
    nova: 'instance_not_found',
    heldBy: decorators(
      'behaviour/one-failing-call',
      'an instance that vanishes before the revert is no cause for alarm',
    ),
  },
  R3: {
    nova: 'UnexpectedTaskState',
    heldBy: decorators('behaviour/one-failing-call', 'a preempted call writes its fault and reverts nothing'),
  },
  R4: {
    nova: 'the revert fails',
    heldBy: decorators('behaviour/failing-recorders', 'never replaces the failure, and only joins it: %s'),
  },
  V1: { nova: 'without_host', heldBy: decorators('compile-time.test', 'refuses %s') },
  V2: {
    nova: 'base',
    heldBy: decorators('behaviour/events', 'start before the method and finish after it, with Success'),
  },
  V3: {
    nova: 'return',
    heldBy: decorators('behaviour/decorated-methods', 'gets its arguments and its object, and gives its result'),
  },
  V4: {
    nova: 'log_exception',
    heldBy: decorators('behaviour/one-failing-call', 'tells every recorder what failed, where and when'),
  },
  V5: {
    nova: 'graceful_exit_action_not_found',
    heldBy: decorators('behaviour/failing-recorders', 'does not stop a call that succeeds: %s'),
  },
  V6: {
    nova: 'graceful_exit_unexpected_error',
    heldBy: decorators('behaviour/failing-recorders', 'never replaces the failure, and only joins it: %s'),
  },
  V7: { nova: 'event_start, finish, failure', heldBy: here('events') },
  V8: { nova: 'start without action', heldBy: here('events') },
  V9: { nova: 'finish success, error', heldBy: here('events') },
  V10: { nova: 'different request id', heldBy: here('events') },
  C1: {
    nova: 'errors_out_migration',
    heldBy: decorators('behaviour/one-failing-call', 'marks the migration after the fault and before the event ends'),
  },
  C2: {
    nova: 'delete_image_on_error',
    heldBy: decorators('behaviour/one-failing-call', 'an image that is gone already is no cause for alarm'),
  },
  C3: { nova: '_error_out_instance_on_exception', heldBy: here('vm-states') },
  C4: { nova: 'resize_instance_driver_rollback', heldBy: here('vm-states') },
  C5: { nova: 'rebuild_compute_resources_unavailable', heldBy: here('vm-states') },
  C6: { nova: 'expects_func_args', heldBy: decorators('compile-time.test', 'refuses %s') },
};

/** Its functional tests of failures, and those that enshrine a leak or a bug. */
const failureTests: Readonly<Record<string, NovaTest>> = {
  E1: { nova: 'test_server_fault_non_nova_exception', heldBy: here('faults') },
  E2: { nova: 'instance action event, non-Nova exception', heldBy: here('faults') },
  E3: { nova: 'instance action event, Nova exception', heldBy: here('faults') },
  Z1: {
    nova: 'test_instance_fault_message_no_rescheduled_details_without_retry, which keeps a leak: the opposite',
    heldBy: core('nova-acceptance/builds', 'B24: an exception nobody knows, at the spawn'),
  },
  Z2: {
    nova: 'test_prep_block_device_maintain_original_error_message, which keeps a leak: the opposite',
    heldBy: core('nova-acceptance/builds', 'B23: an exception nobody knows, of the volumes'),
  },
  Z3: {
    nova: 'running-deleted `shutdown`, which keeps a bug: nothing is stopped',
    heldBy: core('host-tasks', 'are told once and left alone, but those of deleted instances with %s'),
  },
};

/** The rows of `_init_instance`, in the order it looks at them; 19 are the task states that it never recovers. */
const initInstanceTests: Readonly<Record<string, NovaTest>> = {
  I1: { nova: 'a foreign host', heldBy: here('init-instance-otherwise') },
  I2: { nova: 'soft-delete', heldBy: here('init-instance', 'init-instance-otherwise') },
  I3: { nova: 'error', heldBy: here('init-instance', 'init-instance-otherwise') },
  I4: { nova: 'deleted', heldBy: here('init-instance-otherwise') },
  I5: { nova: 'build phases', heldBy: here('init-instance', 'init-instance-otherwise') },
  I6: { nova: 'rebuild phases', heldBy: here('init-instance') },
  I7: { nova: 'image states', heldBy: here('init-instance') },
  I8: { nova: 'resize_prep', heldBy: here('init-instance') },
  I9: { nova: 'deleting', heldBy: here('init-instance', 'init-instance-otherwise') },
  I10: { nova: 'reboots to be done', heldBy: here('init-instance', 'init-instance-otherwise') },
  I11: { nova: 'a guest that runs', heldBy: here('init-instance') },
  I12: { nova: 'unpausing', heldBy: here('init-instance', 'init-instance-otherwise') },
  I13: { nova: 'powering-off', heldBy: here('init-instance', 'init-instance-otherwise') },
  I14: { nova: 'powering-on', heldBy: here('init-instance', 'init-instance-otherwise') },
  I15: {
    nova: 'plug_vifs, vif binding failed, missing PCI device',
    heldBy: [
      ...here('init-instance-otherwise'),
      ...core('recovery', 'leaves instances alone that nothing was being done to'),
    ],
  },
  I16: { nova: 'resize_migrating from active, stopped, unknown', heldBy: here('init-instance-otherwise') },
  I17: { nova: 'migrating', heldBy: here('init-instance-otherwise') },
  I18: {
    nova: 'resume on host boot, failed resume',
    heldBy: core(
      'host-operator',
      'starts the guests again that ran when the host went down, and leaves those alone that did not',
      'lets a guest that does not start again be stopped, with a fault that says why',
    ),
  },
  I19: { nova: 'never recovered', heldBy: here('init-instance', 'init-instance-otherwise') },
};

/** What a host hears and does by itself: lifecycle events L, _sync_power_states P, waits of VirtAPI X, InstanceEvents N. */
const hostTests: Readonly<Record<string, NovaTest>> = {
  L1: { nova: 'event to power state', heldBy: here('lifecycle-events') },
  L2: { nova: 'mismatch ignored', heldBy: here('lifecycle-events') },
  L3: { nova: 'unknown instance silent', heldBy: here('lifecycle-events') },
  L4: { nova: 'unknown event (-1) never syncs', heldBy: here('lifecycle-events') },
  P1: { nova: 'stop', heldBy: core('power-sync', 'knows what to do about one recorded %s: row %#') },
  P2: { nova: 'no stop', heldBy: core('power-sync', 'takes %s as it is, and only follows its power state') },
  P3: {
    nova: 'pending task',
    heldBy: core(
      'power-sync',
      'takes an event as a hint, asks, and does nothing to an instance that something is being done to',
    ),
  },
  P4: { nova: 'not found is NOSTATE', heldBy: core('power-sync', 'knows what to do about one recorded %s: row %#') },
  P5: {
    nova: 'shutdown_terminate',
    leftOut: 'an instance that deletes itself when it stops is a leftover of EC2; a policy of the embedder can',
  },
  X1: { nova: 'ok', heldBy: here('external-events') },
  X2: {
    nova: 'failed event',
    heldBy: core('nova-acceptance/builds', 'B10: VirtualInterfaceCreate, said by the network'),
  },
  X3: { nova: 'failing callback', leftOut: 'there is no callback: whoever waits gets the events with what they say' },
  X4: { nova: 'timeout', heldBy: core('nova-acceptance/builds', 'B11: VirtualInterfaceCreate, not in time') },
  X5: {
    nova: 'one of two timed out',
    heldBy: core('external-event-inbox', 'is told when some have not come in time, and leaves no timer behind'),
  },
  X6: {
    nova: 'several events',
    heldBy: core('external-event-inbox', 'gets them in the order asked for, whatever the order they come in'),
  },
  X7: {
    nova: 'early exit',
    leftOut: 'nobody has to leave early: an event that comes before its waiter is kept for it',
  },
  N1: { nova: 'prepare', heldBy: core('external-event-inbox', 'gets one that came before anybody waited') },
  N2: {
    nova: 'pop, known and unknown',
    heldBy: core('external-event-inbox', 'does not lose one that somebody else of the same instance does not wait for'),
  },
  N3: { nova: 'clear', heldBy: here('external-events') },
  N4: {
    nova: 'cancel all',
    heldBy: core('external-event-inbox', 'is let go at the close, and so is who comes after it'),
  },
};

const builds = (...exceptions: readonly string[]): NovaTest => ({
  nova: exceptions.join(', '),
  heldBy: here('builds'),
});

/** Deletes D, and builds B in the order of what Nova makes of their exceptions. */
const lifecycleTests: Readonly<Record<string, NovaTest>> = {
  D1: { nova: 'network kept on InstancePowerOffFailure', heldBy: here('deletes') },
  D2: { nova: 'network lost on other errors', heldBy: here('deletes') },
  D3: { nova: 'termination error', heldBy: here('deletes') },
  D4: { nova: 'the guest is gone', heldBy: here('deletes') },
  B1: builds('first save: UnexpectedTaskState'),
  B2: builds('claim: ComputeResourcesUnavailable'),
  B3: builds('spawn: ComputeResourcesUnavailable'),
  B4: {
    nova: 'group policy: GroupAffinityViolation',
    leftOut: 'who goes where is the placement’s; a host refuses arrivals by its mode',
  },
  B5: builds('anywhere: InstanceNotFound', 'UnexpectedDeletingTaskState'),
  B6: builds('anywhere: BuildAbortException'),
  B7: builds('network: NoMoreFixedIps'),
  B8: builds('network: ExternalNetworkAttachForbidden'),
  B9: builds('network: VirtualInterfaceCreate'),
  B10: builds('network: VirtualInterfaceCreate, by a failed event'),
  B11: builds('network: VirtualInterfaceCreate, by a timeout'),
  B12: builds('network: VirtualInterfaceMacAddress', 'NetworksWithQoSPolicyNotSupported'),
  B13: builds('network: FixedIpInvalidOnHost', 'UnableToAutoAllocateNetwork'),
  B14: builds('spawn: FlavorDiskTooSmall'),
  B15: builds('spawn: FlavorMemoryTooSmall'),
  B16: builds('spawn: ImageNotActive'),
  B17: builds('spawn: ImageUnacceptable', 'InvalidDiskFormat'),
  B18: builds('spawn: InvalidDiskInfo'),
  B19: builds('spawn: SignatureVerificationError', 'CertificateValidationFailed'),
  B20: builds('spawn: VolumeEncryptionNotSupported'),
  B21: builds('spawn: InvalidInput', 'prep: OverQuota', 'InvalidBDM', 'InstanceUnacceptable'),
  B22: builds('prep: any other, of the networks'),
  B23: builds('prep: any other, of the volumes'),
  B24: builds('spawn: any other'),
  B25: builds('spawn: any other, the hypervisor being away'),
  B26: builds('spawn: any other, the hypervisor refusing'),
  B27: builds('spawn: any other, at the start'),
  B28: builds('spawn: any other, the guest dying'),
  B29: builds('spawn: any other, by a timeout'),
  B30: builds('cleanup after failed spawn: any'),
  B31: builds('spawn: an answer that is lost'),
  B32: {
    nova: 'interrupted builds',
    heldBy: core('host-tasks', 'cancels a build that takes too long, and ends one that nobody began'),
  },
  B33: {
    nova: 'spawn: RequestedVRamTooHigh, VTPMSecretForbidden',
    leftOut: 'flavors say nothing of video memory or TPMs; a driver’s own refusal is B21',
  },
};

/** Each row of the two tables of Nova's tests in the reference (nova-compute, §7.2 and §7.3), and where it is held. */
export const novaTests: Readonly<Record<string, NovaTest>> = {
  ...decoratorTests,
  ...failureTests,
  ...initInstanceTests,
  ...hostTests,
  ...lifecycleTests,
};
