import { callFaults } from './call-faults.js';
import type { PeerFault } from './faulty-peers.js';

interface PeerFaultRow {
  readonly name: string;
  readonly fault: () => PeerFault;
  readonly planted: 'canaries' | 'nothing';
  readonly cancelled?: true;
}

/** Every way in which a call from one manager to another can fail: on the way, or at the other end. */
export const peerFaults: readonly PeerFaultRow[] = [
  { name: 'a host that is not reached', fault: () => ({ type: 'refuse' }), planted: 'nothing' },
  { name: 'a lost question', fault: () => ({ type: 'lose-question' }), planted: 'nothing' },
  { name: 'a lost answer', fault: () => ({ type: 'lose-answer' }), planted: 'nothing' },
  ...callFaults,
  {
    name: 'a hang for ever after the work',
    fault: () => ({ type: 'hang', until: 'never', when: 'after' }),
    planted: 'nothing',
  },
  { name: 'a cancel meanwhile', fault: () => ({ type: 'delay', delayMs: 1_000 }), planted: 'nothing', cancelled: true },
];
