import type { AnyProcedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';
import { agentUseOf } from './agent-calls.js';
import type { CallDeadline } from './call-deadline.js';
import { Gate } from './gate.js';

/**
 * Changes that go ahead of those under way, because they end or steer them: a stop that waited for a start that hangs
 * would hang with it.
 */
const aheadOfOthers: ReadonlySet<AnyProcedure> = new Set<AnyProcedure>([
  remote.domainDestroy,
  remote.domainDestroyFlags,
  remote.domainAbortJob,
  remote.domainAbortJobFlags,
  remote.domainBlockJobAbort,
  remote.domainBlockJobSetSpeed,
  remote.domainMigrateSetCompressionCache,
  remote.domainMigrateSetMaxDowntime,
  remote.domainMigrateSetMaxSpeed,
  remote.domainMigrateStartPostCopy,
  remote.domainAgentSetResponseTimeout,
]);

/** A line, and how long a call has its place at the head. */
export interface DomainLine {
  readonly key: string;
  /** `until answered`: the next call waits for the answer. `until sent`: it keeps its order and holds up nobody. */
  readonly held: 'until answered' | 'until sent';
}

/**
 * Makes the changes of one domain wait for each other. The daemon works on the calls of a connection at the same time
 * and in no order, so of two changes sent one after the other the first may win.
 *
 * Calls to the agent in the guest have a line of their own, reads too, as the daemon has a job of its own for them: an
 * agent that never answers holds up the calls to this agent, and no change of the domain. A shutdown or reboot that may
 * go by the agent comes after the changes before it, and those after it do not wait for it.
 */
export class DomainLines {
  readonly #queueMax: number;
  readonly #lines = new Map<string, { readonly gate: Gate; calls: number }>();

  constructor(queueMax: number) {
    this.#queueMax = queueMax;
  }

  /** The line in which a call has to wait; `undefined` when it need not. */
  lineOf(procedure: AnyProcedure, args: unknown, domainUuid: string | undefined): DomainLine | undefined {
    if (aheadOfOthers.has(procedure)) return undefined;
    const agentUse = agentUseOf(procedure, args);
    if (procedure.effect === 'read' && agentUse === 'never') return undefined;
    const uuid = (domainUuid ?? uuidIn(args))?.toLowerCase();
    if (uuid === undefined) return undefined;
    if (agentUse === 'always') return { key: `${uuid} agent`, held: 'until answered' };
    return { key: uuid, held: agentUse === 'perhaps' ? 'until sent' : 'until answered' };
  }

  /** Resolves when it is the call's turn, to what ends the turn. */
  async enter(key: string, deadline: CallDeadline): Promise<() => void> {
    const line = this.#lines.get(key) ?? { gate: new Gate(1, this.#queueMax), calls: 0 };
    this.#lines.set(key, line);
    line.calls++;
    const leave = (): void => {
      line.calls--;
      if (line.calls === 0) this.#lines.delete(key);
    };
    try {
      await line.gate.enter(deadline);
    } catch (error) {
      leave();
      throw error;
    }
    return () => {
      line.gate.leave();
      leave();
    };
  }
}

/** Where the arguments of a procedure name a domain: themselves, or in a snapshot or checkpoint of it. */
function uuidIn(args: unknown): string | undefined {
  const { dom, snap, checkpoint } = args as Partial<Record<'dom' | 'snap' | 'checkpoint', NamesDomain>>;
  return dom?.uuid ?? snap?.dom?.uuid ?? checkpoint?.dom?.uuid;
}

interface NamesDomain {
  readonly uuid?: string;
  readonly dom?: { readonly uuid?: string };
}
