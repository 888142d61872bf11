import type { Placement } from './placement.js';

/** Places every instance on one host. The default of a process that has a host and an API. */
export class OwnHostPlacement implements Placement {
  readonly #host: string;

  constructor(host: string) {
    this.#host = host;
  }

  choose(): Promise<string> {
    return Promise.resolve(this.#host);
  }
}
