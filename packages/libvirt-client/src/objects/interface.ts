import { InterfaceCalls } from './interface-calls.gen.js';

/** A network interface of the host. */
export class Interface extends InterfaceCalls {}
