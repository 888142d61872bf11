import type { StartProblem } from './compute-error-code.js';

/** Why a guest did not start, in words for its tenant. */
export const startProblems: Record<StartProblem, string> = {
  disk: 'one of its disks is missing or cannot be opened',
  image: 'one of its disk images is damaged or in another format than recorded',
  kernel: 'its kernel or ramdisk is missing',
  memory: 'the host could not give it its memory',
  network: 'one of its networks is not available on the host',
  console: 'its console could not be set up',
  device: 'one of its devices is not available on the host',
  firmware: 'its firmware could not be set up',
  unspecified: 'the hypervisor refused it',
};

/** What is accepted, in a sentence. */
export const list = (accepted: readonly string[]): string => accepted.join(', ') || 'nothing';
