import type { AcceptedAction, OperationName, RequestContext } from '@virtkit/core';
import type { ProvidedCompute } from '../memory-providers.js';

/** The instance that every story is about. */
export const instanceUuid = '11111111-2222-4333-8444-555555555555';

/** One operation, as the fault matrix carries it out. */
export interface Story {
  readonly name: string;
  /** The operation it is about, where that is not its name. */
  readonly operation?: OperationName;
  /** The names of the stories that come before it, on the same instance. */
  readonly before: readonly string[];
  readonly begin: (fake: ProvidedCompute, context: RequestContext) => Promise<AcceptedAction>;
  /** What leads out of whatever a failure has left: `repair` is a hard reboot, then a delete. */
  readonly wayOut: 'repair' | 'delete';
}
