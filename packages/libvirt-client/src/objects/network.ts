import { NetworkCalls } from './network-calls.gen.js';

/** A network of the host that guests plug into. The daemon goes by the `uuid` alone. */
export class Network extends NetworkCalls {}
