import { usualOperation, type Operation } from './operation.js';

/** What is asked of the system inside a guest. It leaves the vm state as it was, whether it succeeds or not. */
const guestOperation = {
  ...usualOperation,
  goal: { vmState: 'unchanged', powerState: 'as-seen' },
  failedVmState: 'unchanged',
  afterFailure: 'leave',
} as const satisfies Partial<Operation>;

export const guestOperations = {
  setAdminPassword: {
    ...guestOperation,
    action: 'changePassword',
    notification: 'password_set',
    verb: 'set the password of',
    method: 'setAdminPassword',
    nova: ['set_admin_password'],
    capability: 'adminPassword',
    driverCalls: ['setAdminPassword'],
    vmStates: ['active'],
    taskStates: ['updating_password'],
    // The password is in no record, so that nobody could do it again.
    recovery: 'give-up',
  },
  triggerCrashDump: {
    ...guestOperation,
    action: 'trigger_crash_dump',
    notification: 'trigger_crash_dump',
    verb: 'trigger a crash dump of',
    method: 'triggerCrashDump',
    nova: ['trigger_crash_dump'],
    capability: 'crashDump',
    driverCalls: ['triggerCrashDump'],
    vmStates: ['active', 'paused', 'rescued', 'resized', 'error'],
    taskStates: ['triggering_crash_dump'],
    // A second one would dump a guest that has just come up again.
    recovery: 'give-up',
  },
  quiesce: {
    ...guestOperation,
    action: 'quiesce',
    notification: 'quiesce',
    verb: 'quiesce',
    method: 'quiesceInstance',
    nova: ['quiesce_instance'],
    capability: 'quiesce',
    driverCalls: ['quiesce'],
    vmStates: ['active'],
    taskStates: ['quiescing'],
    recovery: 'give-up',
  },
  unquiesce: {
    ...guestOperation,
    action: 'unquiesce',
    notification: 'unquiesce',
    verb: 'unquiesce',
    method: 'unquiesceInstance',
    nova: ['unquiesce_instance'],
    capability: 'quiesce',
    driverCalls: ['unquiesce'],
    vmStates: ['active'],
    taskStates: ['unquiescing'],
    recovery: 'redo',
  },
} as const satisfies Record<string, Operation>;
