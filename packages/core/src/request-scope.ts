import { AsyncLocalStorage } from 'node:async_hooks';

/** For whom the code that runs now is working: every line logged meanwhile bears it. */
export interface RequestScope {
  readonly requestId: string;
  readonly instanceUuid: string;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();
