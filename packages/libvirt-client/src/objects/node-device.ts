import { NodeDeviceCalls } from './node-device-calls.gen.js';

/** A device of the host. */
export class NodeDevice extends NodeDeviceCalls {}
