import type { CallOptions, ConsoleOutputRequest, PowerOffRequest, QuiesceRequest } from '../driver/index.js';

/** How long a guest may take to stop by itself, and the signal of the call. */
export interface PowerOffOptions extends CallOptions, Omit<PowerOffRequest, 'instance'> {}

/** How long a guest's file systems may be held still, and the signal of the call. */
export interface QuiesceOptions extends CallOptions, Omit<QuiesceRequest, 'instance'> {}

/** How much of a guest's console is read, and the signal of the call. */
export interface ConsoleOutputOptions extends CallOptions, Omit<ConsoleOutputRequest, 'instance'> {}
