import { ComputeError, type CallOptions } from '../driver/index.js';
import { callSignal } from '../guard/last-moment.js';
import type { HostCalls } from './host-calls.js';
import type { HostPeer } from './host-peer.js';
import type { HostMember, HostPeers, MoveLeader } from './host-peers.js';

type Call = (asked: unknown, options?: CallOptions) => Promise<unknown>;

/** Other hosts as a process asks them that may close meanwhile: from its last moment on nothing is asked, and no answer is waited for. */
export class BoundedPeers implements HostPeers {
  readonly #peers: HostPeers;
  readonly #lastMoment: AbortSignal;

  constructor(peers: HostPeers, lastMoment: AbortSignal) {
    this.#peers = peers;
    this.#lastMoment = lastMoment;
  }

  at(host: string, instanceUuid: string, leader: MoveLeader): HostPeer {
    return this.#bounded(this.#peers.at(host, instanceUuid, leader));
  }

  host(host: string): HostCalls {
    return this.#bounded(this.#peers.host(host));
  }

  join(host: string, member: HostMember): () => void {
    return this.#peers.join(host, member);
  }

  #bounded<Calls extends object>(calls: Calls): Calls {
    return new Proxy(calls, {
      get: (target, method) => {
        const call: unknown = Reflect.get(target, method);
        if (typeof call !== 'function') return call;
        return async (asked: unknown, options: CallOptions = {}) => {
          if (this.#lastMoment.aborted) throw closed(String(method));
          using bounded = callSignal(this.#lastMoment, options.signal);
          const { signal } = bounded;
          return await (call.bind(target) as Call)(asked, { ...options, ...(signal && { signal }) });
        };
      },
    });
  }
}

function closed(operation: string): ComputeError {
  return new ComputeError('MANAGER_CLOSED', { operation });
}
