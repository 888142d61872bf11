import { ComputeError } from '@virtkit/core';
import { foreignError } from './promises.js';
import type { ProviderFault } from './provider-faults.js';

/** A way in which a provider's call can fail. */
interface ProviderFaultRow {
  readonly name: string;
  readonly fault: () => ProviderFault;
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true;
}

const unavailable = (): ComputeError => new ComputeError('STORE_UNAVAILABLE', {}, { cause: foreignError() });

/** Every way. */
export const providerFaults: readonly ProviderFaultRow[] = [
  { name: 'a ComputeError', fault: () => ({ type: 'throw', error: unavailable() }), planted: 'canaries' },
  { name: 'a foreign error', fault: () => ({ type: 'throw', error: foreignError() }), planted: 'canaries' },
  {
    name: 'a foreign error after the work',
    fault: () => ({ type: 'throw', error: foreignError(), when: 'after' }),
    planted: 'canaries',
  },
  { name: 'a hang until its deadline', fault: () => ({ type: 'hang', until: 'abort' }), planted: 'nothing' },
  { name: 'a hang for ever', fault: () => ({ type: 'hang', until: 'never' }), planted: 'nothing' },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
  { name: 'a cancel meanwhile', fault: () => ({ type: 'delay', delayMs: 1_000 }), planted: 'nothing', cancelled: true },
];
