import type { AnyProcedure } from '../procedures/procedure.js';
import * as remote from '../procedures/remote.gen.js';
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

/**
 * Makes the changes of one domain wait for each other. The daemon works on the calls of a connection at the same time
 * and in no order, so of two changes sent one after the other the first may win.
 */
export class DomainLines {
  readonly #queueMax: number;
  readonly #lines = new Map<string, { readonly gate: Gate; calls: number }>();

  constructor(queueMax: number) {
    this.#queueMax = queueMax;
  }

  /** The domain in whose line a call has to wait; `undefined` when it need not. */
  domainOf(procedure: AnyProcedure, args: unknown, domainUuid: string | undefined): string | undefined {
    if (procedure.effect === 'read' || aheadOfOthers.has(procedure)) return undefined;
    return (domainUuid ?? uuidIn(args))?.toLowerCase();
  }

  /** Resolves when it is the call's turn, to what ends the turn. */
  async enter(uuid: string, deadline: CallDeadline): Promise<() => void> {
    const line = this.#lines.get(uuid) ?? { gate: new Gate(1, this.#queueMax), calls: 0 };
    this.#lines.set(uuid, line);
    line.calls++;
    const leave = (): void => {
      line.calls--;
      if (line.calls === 0) this.#lines.delete(uuid);
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
