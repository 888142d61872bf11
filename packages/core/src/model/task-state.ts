/**
 * What is being done to an instance at this moment; `null` when nothing is. Nova's words. Whoever sets a task state signs it
 * with its own name (`Instance.taskOwner`), and only the signer clears it.
 */
export const taskStates = [
  'scheduling',
  'spawning',
  'deleting',
  'powering-on',
  'powering-off',
  'rebooting',
  'reboot_pending',
  'reboot_started',
  'rebooting_hard',
  'reboot_pending_hard',
  'reboot_started_hard',
  'pausing',
  'unpausing',
  'suspending',
  'resuming',
] as const;

export type TaskState = (typeof taskStates)[number];
