import {
  InProcessPeers,
  type Clock,
  type HostCalls,
  type HostMember,
  type HostPeer,
  type HostPeers,
  type InstanceAsked,
  type MoveLeader,
} from '@virtkit/core';
import { remote, type ProcessLine } from './process-line.js';

/** The managers of other processes. Nobody knows before one is asked whether it lives. */
export class PeersByLine implements HostPeers {
  readonly #line: ProcessLine;
  readonly #here: InProcessPeers;

  constructor(line: ProcessLine, clock: Clock) {
    this.#line = line;
    this.#here = new InProcessPeers({ clock });
  }

  join(host: string, member: HostMember): () => void {
    return this.#here.join(host, member);
  }

  /** Only hosts of this process: what is asked of others is found by them in the store. */
  host(host: string): HostCalls {
    return this.#here.host(host);
  }

  at(host: string, _instanceUuid: string, leader: MoveLeader): HostPeer {
    return remote(this.#line, ['peer', host, leader.host, String(leader.epoch)]) as HostPeer;
  }

  /** What another process asks of a manager of this one. */
  async answer(
    [host = '', leading = '', epoch = '', method = '']: readonly string[],
    [asked]: readonly unknown[],
  ): Promise<unknown> {
    const peer = this.#here.at(host, (asked as InstanceAsked).instanceUuid, { host: leading, epoch: Number(epoch) });
    const call = peer[method as keyof HostPeer] as (asked: unknown) => Promise<unknown>;
    return await call(asked);
  }
}
