/**
 * The stable state of an instance: where the last finished operation left it. Nova's words. It says nothing of what is
 * being done ({@link TaskState}) nor of what the hypervisor sees ({@link PowerState}).
 */
export const vmStates = [
  'building',
  'active',
  'stopped',
  'paused',
  'suspended',
  'rescued',
  'resized',
  'soft-delete',
  'shelved',
  'shelved_offloaded',
  'deleted',
  'error',
] as const;

export type VmState = (typeof vmStates)[number];
