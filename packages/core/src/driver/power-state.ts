/**
 * What the hypervisor says of a guest now. The hypervisor is always right about it; a stored power state is a memory of
 * the last answer. The numbers are Nova's, so that records and tools agree.
 */
export const powerStates = {
  /** The hypervisor has no guest, or cannot tell. Never read as "off". */
  NOSTATE: 0,
  RUNNING: 1,
  PAUSED: 3,
  SHUTDOWN: 4,
  CRASHED: 6,
  /** Its memory is saved to disk. */
  SUSPENDED: 7,
} as const;

export type PowerState = keyof typeof powerStates;
