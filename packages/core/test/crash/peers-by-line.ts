import { InProcessPeers, type Clock, type HostPeer, type HostPeers, type InstanceAsked } from '@virtkit/core';
import { remote, type ProcessLine } from './process-line.js';

/** The managers of other processes. Nobody knows before one is asked whether it lives. */
export class PeersByLine implements HostPeers {
  readonly #line: ProcessLine;
  readonly #here: InProcessPeers;

  constructor(line: ProcessLine, clock: Clock) {
    this.#line = line;
    this.#here = new InProcessPeers({ clock });
  }

  join(host: string, peer: HostPeer): () => void {
    return this.#here.join(host, peer);
  }

  at(host: string): HostPeer {
    return remote(this.#line, ['peer', host]) as HostPeer;
  }

  /** What another process asks of a manager of this one. */
  async answer([host = '', method = '']: readonly string[], [asked]: readonly unknown[]): Promise<unknown> {
    const peer = this.#here.at(host, (asked as InstanceAsked).instanceUuid);
    const call = peer[method as keyof HostPeer] as (asked: unknown) => Promise<unknown>;
    return await call(asked);
  }
}
