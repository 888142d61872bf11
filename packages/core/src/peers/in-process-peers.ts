import {
  ComputeError,
  fromWire,
  systemClock,
  toWire,
  type CallOptions,
  type Clock,
  type WireOptions,
} from '../driver/index.js';
import { settleWithin, type Outcome } from '../guard/settle.js';
import { hostCallTable } from './host-call-table.js';
import { hostProtocol, type HostCallName, type HostCalls } from './host-calls.js';
import type { HostPeer, InstanceAsked } from './host-peer.js';
import type { HostMember, HostPeers, MoveLeader } from './host-peers.js';
import { peerCallTimeoutsMs } from './peer-call-table.js';
import { failureFromPlain, hostFailureFromPlain, plainFailureOf, type PlainFailure } from './plain-failure.js';

interface Member extends HostMember {
  /** Aborted when its manager has left, or another has come in its place: what it is still asked is never answered. */
  readonly gone: AbortController;
}

type AnyCall = (request: unknown, options: CallOptions) => Promise<unknown>;

/** A call to another host: what is asked, and how the asked end answers. */
interface PeerCall {
  readonly host: string;
  readonly request: unknown;
  readonly timeoutMs: number;
  readonly wire?: WireOptions;
  readonly perform: (member: Member, request: unknown, options: CallOptions) => Promise<unknown>;
}

type Answer = { readonly value: unknown } | { readonly failure: PlainFailure };

/** How long a call that was cancelled may take to settle before its outcome counts as unknown: a driver's own grace, and as much again. */
const GRACE_MS = 20_000;

/**
 * The hosts of one process, by name. An embedder passes the same one to each `createCompute`, `createComputeHost` and `createComputeService`.
 * Every request and every answer crosses as text, as it would between processes.
 */
export class InProcessPeers implements HostPeers {
  readonly #members = new Map<string, Member>();
  readonly #clock: Clock;

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  join(host: string, joined: HostMember): () => void {
    this.#leave(this.#members.get(host));
    const member = { ...joined, gone: new AbortController() };
    this.#members.set(host, member);
    return () => {
      this.#leave(member);
      if (this.#members.get(host) === member) this.#members.delete(host);
    };
  }

  at(host: string, instanceUuid: string, leader: MoveLeader): HostPeer {
    if (!this.#members.has(host)) throw unreachable(host, instanceUuid);
    const methods = Object.keys(peerCallTimeoutsMs) as (keyof HostPeer)[];
    const calls = methods.map((method) => [
      method,
      async (asked: InstanceAsked, options?: CallOptions) => {
        const perform = async (member: Member, request: unknown, options: CallOptions): Promise<unknown> => {
          const peer = member.half(overTheWire(leader));
          return await (peer[method].bind(peer) as AnyCall)(request, options);
        };
        const call = { host, request: asked, timeoutMs: peerCallTimeoutsMs[method], perform };
        const answer = await this.#ask(call, options);
        if (answer === 'unreachable') throw unreachable(host, asked.instanceUuid);
        if (answer === 'lost')
          throw new ComputeError('OUTCOME_UNKNOWN', { operation: method }, { operator: { peer: host } });
        if ('failure' in answer) throw failureFromPlain(answer.failure, asked.instanceUuid);
        return answer.value;
      },
    ]);
    return Object.fromEntries(calls) as HostPeer;
  }

  host(host: string): HostCalls {
    const calls = (Object.keys(hostCallTable) as HostCallName[]).map((name) => [
      name,
      async (request: unknown, options?: CallOptions) => {
        const { timeoutMs, access, verb } = hostCallTable[name];
        const perform = async ({ calls }: Member, received: unknown, options: CallOptions): Promise<unknown> =>
          await (calls[name].bind(calls) as AnyCall)(received, options);
        const call: PeerCall = { host, request, timeoutMs, perform, wire: { secrets: 'carry' } };
        const answer = await this.#ask(call, options);
        if (answer === 'unreachable') throw unavailable(host, verb, 'No manager of this host can be reached.');
        if (answer === 'lost' && access === 'read') throw unavailable(host, verb, 'The host did not answer.');
        if (answer === 'lost')
          throw new ComputeError('OUTCOME_UNKNOWN', { operation: verb }, { operator: { peer: host } });
        if ('failure' in answer) throw hostFailureFromPlain(answer.failure, verb);
        return answer.value;
      },
    ]);
    return Object.fromEntries(calls) as HostCalls;
  }

  #leave(member: Member | undefined): void {
    member?.gone.abort(new DOMException('The manager of the host has left.', 'AbortError'));
  }

  /** `unreachable`: nothing was asked. `lost`: the other end was asked, and its answer did not come. */
  async #ask(call: PeerCall, { signal }: CallOptions = {}): Promise<Answer | 'unreachable' | 'lost'> {
    const { host, timeoutMs, wire } = call;
    const member = this.#members.get(host);
    if (member?.protocol.major !== hostProtocol.major) return 'unreachable';
    const deadline = { clock: this.#clock, timeoutMs, graceMs: GRACE_MS, signal };
    const answered = settleWithin(deadline, (ending) => answerOf(member, call, ending));
    const { settled } = await unlessGone(member, answered);
    return settled === 'never' || settled.status === 'rejected' ? 'lost' : overTheWire(settled.value, wire);
  }
}

/** The asked end's answer. Rejects for what cannot be carried. */
async function answerOf(
  member: Member,
  { host, request, wire, perform }: PeerCall,
  signal: AbortSignal,
): Promise<Answer> {
  const received = overTheWire(request, wire);
  try {
    return { value: (await perform(member, received, { signal })) ?? null };
  } catch (failure) {
    return { failure: plainFailureOf(failure, host) };
  }
}

/** Its outcome, or none when its manager leaves first. */
async function unlessGone<Value>(
  { gone: { signal } }: Member,
  answered: Promise<Pick<Outcome<Value>, 'settled'>>,
): Promise<Pick<Outcome<Value>, 'settled'>> {
  const lost = Promise.withResolvers<{ readonly settled: 'never' }>();
  const lose = (): void => lost.resolve({ settled: 'never' });
  signal.addEventListener('abort', lose, { once: true });
  try {
    return await Promise.race([answered, lost.promise]);
  } finally {
    signal.removeEventListener('abort', lose);
  }
}

function unreachable(host: string, instanceUuid: string): ComputeError {
  return new ComputeError('DESTINATION_UNAVAILABLE', { instanceUuid }, { effect: 'none', operator: { peer: host } });
}

function unavailable(host: string, operation: string, message: string): ComputeError {
  return new ComputeError('HOST_UNAVAILABLE', { operation }, { effect: 'none', operator: { message, host } });
}

/** @throws TypeError for what may not be carried */
function overTheWire<Value>(value: Value, wire?: WireOptions): Value {
  return fromWire(toWire(value, wire)) as Value;
}
