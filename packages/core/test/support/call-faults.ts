import { ComputeError } from '@virtkit/core';
import type { HangFault, ThrowFault } from '@virtkit/driver-fake';
import { foreignError } from './promises.js';
import { instanceUuid } from './stories/story.js';

/** A way in which a call fails by itself, whoever is called. */
export interface CallFault {
  readonly name: string;
  readonly fault: () => ThrowFault | HangFault;
  /** Whether it holds words that no tenant may read. */
  readonly planted: 'canaries' | 'nothing';
}

export const callFaults: readonly CallFault[] = [
  {
    name: 'a ComputeError',
    fault: () => ({
      type: 'throw',
      error: new ComputeError(
        'GUEST_OPERATION_FAILED',
        { instanceUuid, operation: 'do it' },
        { cause: foreignError() },
      ),
    }),
    planted: 'canaries',
  },
  { name: 'a foreign error', fault: () => ({ type: 'throw', error: foreignError() }), planted: 'canaries' },
  {
    name: 'a foreign error after the work',
    fault: () => ({ type: 'throw', error: foreignError(), when: 'after' }),
    planted: 'canaries',
  },
  { name: 'a thrown string', fault: () => ({ type: 'throw', error: foreignError().message }), planted: 'canaries' },
  { name: 'a thrown undefined', fault: () => ({ type: 'throw', error: undefined }), planted: 'nothing' },
  { name: 'a hang until its deadline', fault: () => ({ type: 'hang', until: 'abort' }), planted: 'nothing' },
  { name: 'a hang for ever', fault: () => ({ type: 'hang', until: 'never' }), planted: 'nothing' },
];
