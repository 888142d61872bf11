import type { StartProblem } from './compute-error-code.js';

/** Why a guest did not start, in words for its tenant. */
export const startProblems: Record<StartProblem, string> = {
  disk: 'one of its disks is missing or cannot be opened',
  'changed disks': 'its disks were changed on the host, and which of them are the latest is not known',
  image: 'one of its disk images is damaged or in another format than recorded',
  kernel: 'its kernel or ramdisk is missing',
  memory: 'the host could not give it its memory',
  'saved memory': 'its saved memory is missing or damaged',
  network: 'one of its networks is not available on the host',
  console: 'its console could not be set up',
  device: 'one of its devices is not available on the host',
  firmware: 'its firmware could not be set up',
  machine: 'the host does not offer its kind of machine',
  virtualization: 'the host cannot run its processor',
  unspecified: 'the hypervisor refused it',
};

/** What is accepted, in a sentence. */
export const list = (accepted: readonly string[]): string => accepted.join(', ') || 'nothing';
