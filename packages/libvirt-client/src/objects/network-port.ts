import { NetworkPortCalls } from './network-port-calls.gen.js';

/** An interface that is plugged into a network. */
export class NetworkPort extends NetworkPortCalls {}
