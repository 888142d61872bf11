import { NwFilterBindingCalls } from './nw-filter-binding-calls.gen.js';

/** The use of a filter at one interface of a guest (virNWFilterBinding). */
export class NwFilterBinding extends NwFilterBindingCalls {}
