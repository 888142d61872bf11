import { ComputeError, Secret, systemClock, type CallOptions, type Clock } from '../driver/index.js';
import { settleWithin, type Outcome } from '../guard/settle.js';
import type { HostPeer, InstanceAsked } from './host-peer.js';
import type { HostPeers, MoveLeader } from './host-peers.js';
import { peerCallTimeoutsMs } from './peer-call-table.js';
import { failureFromPlain, plainFailureOf, type PlainFailure } from './plain-failure.js';

interface Member {
  readonly half: (leader: MoveLeader) => HostPeer;
  /** Aborted when its manager has left, or another has come in its place: what it is still asked is never answered. */
  readonly gone: AbortController;
}

interface PeerCall {
  readonly host: string;
  readonly leader: MoveLeader;
  readonly method: keyof HostPeer;
  readonly asked: InstanceAsked;
}

type Answer = { readonly value?: unknown } | { readonly failure: PlainFailure };

/** How long a call that was cancelled may take to settle before its outcome counts as unknown: a driver's own grace, and as much again. */
const GRACE_MS = 20_000;

/**
 * The managers of one process, by host. An embedder passes the same one to each `createCompute`. Everything crosses as JSON, as it would
 * between processes.
 */
export class InProcessPeers implements HostPeers {
  readonly #members = new Map<string, Member>();
  readonly #clock: Clock;

  constructor({ clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#clock = clock;
  }

  join(host: string, half: (leader: MoveLeader) => HostPeer): () => void {
    this.#leave(this.#members.get(host));
    const member = { half, gone: new AbortController() };
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
      (asked: InstanceAsked, options?: CallOptions) => this.#call({ host, leader, method, asked }, options),
    ]);
    return Object.fromEntries(calls) as HostPeer;
  }

  #leave(member: Member | undefined): void {
    member?.gone.abort(new DOMException('The manager of the host has left.', 'AbortError'));
  }

  async #call(call: PeerCall, { signal }: CallOptions = {}): Promise<unknown> {
    const { host, method, asked } = call;
    const member = this.#members.get(host);
    if (!member) throw unreachable(host, asked.instanceUuid);
    const deadline = { clock: this.#clock, timeoutMs: peerCallTimeoutsMs[method], graceMs: GRACE_MS, signal };
    const answered = settleWithin(deadline, (ending) => answerOf(member, call, ending));
    const { settled } = await unlessGone(member, answered);
    if (settled === 'never' || settled.status === 'rejected') {
      throw new ComputeError('OUTCOME_UNKNOWN', { operation: method }, { operator: { peer: host } });
    }
    const answer = overTheWire(settled.value);
    if ('failure' in answer) throw failureFromPlain(answer.failure, asked.instanceUuid);
    return answer.value;
  }
}

/** What the other end makes of it. Never rejects for what it was asked. */
async function answerOf(
  { half }: Member,
  { host, leader, method, asked }: PeerCall,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const peer = half(overTheWire(leader));
    const call = peer[method].bind(peer) as (asked: InstanceAsked, options: CallOptions) => Promise<unknown>;
    return { value: await call(overTheWire(asked), { signal }) };
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

/** @throws TypeError for a secret: none may cross */
function overTheWire<Value>(value: Value): Value {
  const refuseSecrets = function (this: Record<string, unknown>, key: string, plain: unknown): unknown {
    if (this[key] instanceof Secret) throw new TypeError(`a secret stands in ${key}; none may cross to another host`);
    return plain;
  };
  return JSON.parse(JSON.stringify(value, refuseSecrets)) as Value;
}
