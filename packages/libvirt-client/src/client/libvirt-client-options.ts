import type { CallOptions } from '../procedures/call-options.js';
import type { RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import type { ReconnectOptions } from './reconnecting-link.js';

export interface LibvirtClientOptions extends RpcConnectionOptions {
  /** How many connections carry calls of low priority. Each is opened when the others are full. Default 4. */
  readonly workConnectionsMax?: number;
  /** How many calls that may take long (starts, saves, migrations) run at once. Default 8 of the daemon's 20 workers. */
  readonly slowCallsMax?: number;
  /** How many calls wait for agents in guests at once, one for each guest. Default 6: agents may never answer. */
  readonly agentCallsMax?: number;
  /** How many streams may be open, each on a connection of its own. Default 64. */
  readonly streamsMax?: number;
  /** The `timeoutMs` of calls that have none. Default: no limit. */
  readonly callTimeoutMs?: number;
  readonly reconnect?: ReconnectOptions;
  /**
   * Asked right before each call that changes something is sent, when it has waited in all its lines. When it rejects, the call rejects with
   * the same reason and is not sent. Aborted with the call.
   */
  readonly beforeChange?: (procedure: string, options: Pick<CallOptions, 'signal'>) => Promise<void>;
}
