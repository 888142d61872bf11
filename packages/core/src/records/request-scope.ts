import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestContext } from '../model/request-context.js';

/** For whom the code that runs now is working: every line logged meanwhile bears it. */
export interface RequestScope {
  readonly requestId: string;
  readonly instanceUuid: string;
  readonly context: RequestContext;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();
