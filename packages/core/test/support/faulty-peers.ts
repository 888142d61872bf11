import {
  ComputeError,
  type Clock,
  type HostCalls,
  type HostMember,
  type HostPeer,
  type HostPeers,
  type MoveLeader,
} from '@virtkit/core';
import { untilAborted } from './provider-faults.js';

/** What goes wrong with a call from one manager to another. */
export type PeerFault =
  /** On the way: the other end is never asked, or its answer does not come. */
  | { readonly type: 'refuse' | 'lose-question' | 'lose-answer' }
  /** At the other end, before or after it has done what it was asked. */
  | { readonly type: 'throw'; readonly error: unknown; readonly when?: 'before' | 'after' }
  | { readonly type: 'hang'; readonly until: 'abort' | 'never'; readonly when?: 'before' | 'after' }
  | { readonly type: 'delay'; readonly delayMs: number };

interface Plan {
  /** Which call, from 1. */
  readonly nth: number;
  readonly fault: PeerFault;
  /** How many calls in a row. Default 1. */
  readonly times?: number | 'always';
}

type Call = (asked: unknown, options?: { readonly signal?: AbortSignal }) => Promise<unknown>;

/** Peers whose nth call goes wrong, on the way or at the other end; `noteMove` is not counted, it tells only. */
export class FaultyPeers implements HostPeers {
  readonly calls: string[] = [];
  strikes = 0;
  readonly #peers: HostPeers;
  readonly #clock: Clock;
  #plan: Plan | undefined;
  /** The fault that the call on its way meets at the other end. */
  #due: PeerFault | undefined;

  constructor(peers: HostPeers, clock: Clock) {
    this.#peers = peers;
    this.#clock = clock;
  }

  /** Counts calls from here, and plans what goes wrong. Without a plan it only counts. */
  arm(plan?: Plan): void {
    this.calls.length = 0;
    this.strikes = 0;
    this.#plan = plan;
  }

  /** Forgets what was planned; what was counted stays. */
  clear(): void {
    this.#plan = undefined;
  }

  join(host: string, member: HostMember): () => void {
    const half = (leader: MoveLeader): HostPeer =>
      throughEach(member.half(leader), (_method, call) => this.#answer(call));
    return this.#peers.join(host, { ...member, half });
  }

  /** Nothing goes wrong with what services ask. */
  host(host: string): HostCalls {
    return this.#peers.host(host);
  }

  at(host: string, instanceUuid: string, leader: MoveLeader): HostPeer {
    const peer = this.#peers.at(host, instanceUuid, leader);
    return throughEach(peer, (method, call) => this.#ask(method, instanceUuid, call));
  }

  /** The asking end. */
  #ask(method: string, instanceUuid: string, call: Call): Call {
    return async (asked, options) => {
      if (method === 'noteMove') return await call(asked, options);
      this.calls.push(method);
      const fault = this.#strike();
      switch (fault?.type) {
        case undefined:
          return await call(asked, options);
        case 'refuse':
          throw new ComputeError('DESTINATION_UNAVAILABLE', { instanceUuid }, { effect: 'none' });
        case 'lose-question':
          throw new ComputeError('OUTCOME_UNKNOWN', { operation: method });
        case 'lose-answer':
          await call(asked, options);
          throw new ComputeError('OUTCOME_UNKNOWN', { operation: method });
        default:
          // The other end is asked before anybody else gets a turn.
          this.#due = fault;
          return await call(asked, options);
      }
    };
  }

  /** The end that is asked. */
  #answer(call: Call): Call {
    return async (asked, options = {}) => {
      const fault = this.#due;
      this.#due = undefined;
      if (fault === undefined) return await call(asked, options);
      if (fault.type === 'delay') await this.#clock.sleep(fault.delayMs, options);
      const isDone = fault.type === 'delay' || ('when' in fault && fault.when === 'after');
      const answer = isDone ? await call(asked, options) : undefined;
      if (fault.type === 'throw') throw fault.error;
      if (fault.type === 'hang') return await untilAborted(fault.until === 'abort' ? options.signal : undefined);
      return answer;
    };
  }

  #strike(): PeerFault | undefined {
    const plan = this.#plan;
    if (plan === undefined) return undefined;
    const { nth, fault, times = 1 } = plan;
    const last = times === 'always' ? Infinity : nth + times - 1;
    if (this.calls.length < nth || this.calls.length > last) return undefined;
    this.strikes++;
    return fault;
  }
}

function throughEach(peer: HostPeer, around: (method: string, call: Call) => Call): HostPeer {
  const calls = Object.entries(peer).map(([method, call]) => [method, around(method, call as Call)]);
  return Object.fromEntries(calls) as HostPeer;
}
