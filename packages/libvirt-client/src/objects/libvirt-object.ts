import type { Caller } from './caller.js';

/**
 * Something that libvirt's daemon knows: the values that name it, and the connection to call its functions on. It holds
 * nothing open. Two of them with the same values are the same object to the daemon.
 */
export abstract class LibvirtObject {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  protected get caller(): Caller {
    return this.#caller;
  }
}
