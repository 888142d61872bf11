import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import type { RpcLink } from '../rpc/rpc-link.js';
import type { CallDeadline } from './call-deadline.js';
import { Gate } from './gate.js';

interface WorkConnection {
  /** Calls that have a place on it, until the daemon is done with them. */
  calls: number;
  connection: Promise<RpcLink> | undefined;
}

/** A place on a connection, for one call. */
export interface WorkPlace {
  readonly connection: RpcLink;
  leave(): void;
}

/**
 * Connections for calls that may take long, each opened when the others are full. Such calls are kept apart from the
 * quick ones and from events, and few enough on each connection that the daemon goes on reading from it.
 */
export class WorkPool {
  readonly #open: () => Promise<RpcLink>;
  readonly #window: number;
  readonly #gate: Gate;
  readonly #connections: WorkConnection[];
  #closed = false;

  constructor(
    limits: { readonly connectionsMax: number; readonly window: number; readonly queueMax: number },
    open: () => Promise<RpcLink>,
  ) {
    this.#open = open;
    this.#window = limits.window;
    this.#gate = new Gate(limits.connectionsMax * limits.window, limits.queueMax);
    this.#connections = Array.from({ length: limits.connectionsMax }, () => ({ calls: 0, connection: undefined }));
  }

  /** Resolves when there is a place. Rejects with what kept the connection from being opened. */
  async enter(deadline: CallDeadline): Promise<WorkPlace> {
    await this.#gate.enter(deadline);
    const chosen = this.#choose();
    chosen.calls++;
    const leave = (): void => {
      chosen.calls--;
      this.#gate.leave();
    };
    try {
      return { connection: await deadline.limit(this.#connected(chosen)), leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Closes what is open and what is being opened. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const closings = this.#connections.map(async ({ connection }) => {
      await connection?.then((opened) => opened.close()).catch(() => undefined);
    });
    await Promise.all(closings);
  }

  /** The fullest one that has a place left: a new connection is worth opening only when the open ones are full. */
  #choose(): WorkConnection {
    const withPlace = this.#connections.filter(({ calls }) => calls < this.#window);
    const opened = withPlace.filter(({ connection }) => connection !== undefined);
    const [first, ...others] = opened.length > 0 ? opened : withPlace;
    if (first === undefined) throw new Error('the gate has let in more calls than there are places');
    return others.reduce((best, next) => (next.calls < best.calls ? next : best), first);
  }

  async #connected(work: WorkConnection): Promise<RpcLink> {
    if (this.#closed) throw new LibvirtConnectionError('the client was closed', { reason: 'closed', sent: false });
    work.connection ??= this.#openFor(work);
    return work.connection;
  }

  async #openFor(work: WorkConnection): Promise<RpcLink> {
    try {
      const connection = await this.#open();
      void connection.closed.then(() => (work.connection = undefined));
      return connection;
    } catch (error) {
      work.connection = undefined;
      throw error;
    }
  }
}
