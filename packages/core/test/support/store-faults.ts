import { ComputeError } from '@virtkit/core';
import type { StoreFault } from './faulty-store.js';
import { foreignError } from './promises.js';

/** A way in which a commit can fail. */
export interface StoreFaultRow {
  readonly name: string;
  readonly fault: () => StoreFault;
  /** How many attempts in a row: the manager makes three. */
  readonly attempts: number;
}

/** Every way. */
export const storeFaults: readonly StoreFaultRow[] = [
  {
    name: 'a ComputeError once',
    fault: () => ({ type: 'throw', error: new ComputeError('STORE_UNAVAILABLE', {}, { cause: foreignError() }) }),
    attempts: 1,
  },
  { name: 'a foreign error once', fault: () => ({ type: 'throw', error: foreignError() }), attempts: 1 },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer', error: foreignError() }), attempts: 1 },
  { name: 'a hang once', fault: () => ({ type: 'hang' }), attempts: 1 },
  { name: 'a foreign error to the end', fault: () => ({ type: 'throw', error: foreignError() }), attempts: 3 },
  { name: 'a hang to the end', fault: () => ({ type: 'hang' }), attempts: 3 },
];
