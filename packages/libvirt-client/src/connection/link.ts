import type { EventSource } from '../events/event-source.js';
import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import type { Procedure } from '../procedures/procedure.js';
import type { EventOptions, EventSubscription } from '../rpc/event-subscription.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';

/** What a `Connection` stands on: the way to a daemon, over one socket (`RpcLink`) or several (`PooledLink`). */
export interface Link extends ProcedureCaller {
  openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<LibvirtStream<Reply>>;

  /** Asks for the events of a source. Those that happen after this has resolved are delivered. */
  eventSubscribe<Event>(source: EventSource, options?: EventOptions): Promise<EventSubscription<Event>>;

  /** Ends the way to the daemon and fails what is pending. Idempotent; never rejects. */
  close(): Promise<void>;
}
