import { ComputeError, type HostPeer, type HostPeers } from '@virtkit/core';

export type PeerFault = 'refuse' | 'lose the question' | 'lose the answer';

interface Plan {
  readonly nth: number;
  readonly fault: PeerFault;
  readonly times: number;
}

/** Peers whose nth call goes wrong; `noteMove` is not counted, it tells only. */
export class FaultyPeers implements HostPeers {
  readonly calls: string[] = [];
  strikes = 0;
  readonly #peers: HostPeers;
  #plan: Plan | undefined;

  constructor(peers: HostPeers) {
    this.#peers = peers;
  }

  arm(plan?: Plan): void {
    this.calls.length = 0;
    this.strikes = 0;
    this.#plan = plan;
  }

  join(host: string, peer: HostPeer): () => void {
    return this.#peers.join(host, peer);
  }

  at(host: string, instanceUuid: string): HostPeer {
    const peer = this.#peers.at(host, instanceUuid);
    const calls = Object.entries(peer).map(([method, call]) => [
      method,
      (...args: unknown[]) => this.#call(method, () => (call as (...args: unknown[]) => Promise<unknown>)(...args)),
    ]);
    return Object.fromEntries(calls) as HostPeer;
  }

  async #call(method: string, call: () => Promise<unknown>): Promise<unknown> {
    if (method === 'noteMove') return await call();
    this.calls.push(method);
    const plan = this.#plan;
    const isDue = plan !== undefined && this.calls.length >= plan.nth && this.strikes < plan.times;
    if (!isDue) return await call();
    this.strikes++;
    const unknown = new ComputeError('OUTCOME_UNKNOWN', { operation: method });
    switch (plan.fault) {
      case 'refuse':
        throw new ComputeError('INTERNAL', { correlationId: 'peer' });
      case 'lose the question':
        throw unknown;
      case 'lose the answer':
        await call();
        throw unknown;
    }
  }
}
