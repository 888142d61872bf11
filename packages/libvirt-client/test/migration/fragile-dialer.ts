import { unixDialer, type AnyProcedure, type Dialer, type Transport } from '../../src/index.js';

const REPLY = 1;

/** Dials a daemon. Its first connection breaks when it is told to, or in place of the answer to one procedure. */
export class FragileDialer {
  readonly #socketPath: string;
  readonly #loses: AnyProcedure | undefined;
  #first: Transport | undefined;

  constructor(socketPath: string, loses?: AnyProcedure) {
    this.#socketPath = socketPath;
    this.#loses = loses;
  }

  readonly dial: Dialer = async (listener, options) => {
    const dial = unixDialer(this.#socketPath);
    if (this.#first !== undefined) return dial(listener, options);
    const received = (chunk: Buffer): void => {
      if (this.#isLost(chunk)) this.cut();
      else listener.received(chunk);
    };
    const ended = (error: Error | undefined): void => listener.ended(error);
    this.#first = await dial({ received, ended, drained: () => listener.drained() }, options);
    return this.#first;
  };

  cut(): void {
    this.#first?.destroy();
  }

  /** Of a chunk only the first packet is looked at: while a step is under way nothing else is asked. */
  #isLost(chunk: Buffer): boolean {
    if (this.#loses === undefined || chunk.length < 20) return false;
    return chunk.readUInt32BE(12) === this.#loses.number && chunk.readUInt32BE(16) === REPLY;
  }
}
