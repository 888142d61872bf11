import { NwFilterCalls } from './nw-filter-calls.gen.js';

/** Rules for the network traffic of guests (virNWFilter). */
export class NwFilter extends NwFilterCalls {}
