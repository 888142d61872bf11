import type { Fault } from '@virtkit/driver-fake';
import { callFaults } from './call-faults.js';

/** A way in which a driver's call can fail. */
export interface DriverFault {
  readonly name: string;
  readonly fault: () => Fault;
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true;
}

/** Every way. */
export const driverFaults: readonly DriverFault[] = [
  ...callFaults,
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
  { name: 'a cancel meanwhile', fault: () => ({ type: 'delay', delayMs: 1_000 }), planted: 'nothing', cancelled: true },
];
