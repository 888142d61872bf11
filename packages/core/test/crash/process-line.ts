import type { ChildProcess } from 'node:child_process';
import { failureFromWire, failureToWire, fromWire, toWire, type WireFailure } from './wire.js';

/** What both ends of a channel have: `process` in the child, the child in its parent. */
export type Channel = Pick<ChildProcess, 'send' | 'on' | 'connected'>;

/** Answers what the other process calls: a path of names, the last one a method, and its arguments. */
export type Answerer = (path: readonly string[], args: readonly unknown[]) => unknown;

type Message =
  | { readonly call: number; readonly path: readonly string[]; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly failure: WireFailure };

/** Rejects what was asked of a process that is dead. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

/** Calls between two processes, in both directions. */
export class ProcessLine {
  readonly #channel: Channel;
  readonly #answerer: Answerer;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;
  #isCut = false;

  constructor(channel: Channel, answerer: Answerer) {
    this.#channel = channel;
    this.#answerer = answerer;
    channel.on('message', (message: Message) => void this.#heed(message));
  }

  async call(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    if (this.#isCut) throw new ProcessDied(`asked for ${path.join('.')}`);
    this.#calls += 1;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#calls, waiting);
    this.#send({ call: this.#calls, path, args: toWire(args) as readonly unknown[] });
    return await waiting.promise;
  }

  /** The other process is dead, or as good as: nothing it has said since is heard. */
  cut(): void {
    this.#isCut = true;
    for (const { reject } of this.#waiting.values()) reject(new ProcessDied('while it was asked'));
    this.#waiting.clear();
  }

  async #heed(message: Message): Promise<void> {
    if (this.#isCut) return;
    if ('call' in message) {
      await this.#answer(message.call, message.path, message.args);
      return;
    }
    const waiting = this.#waiting.get(message.answer);
    this.#waiting.delete(message.answer);
    if ('failure' in message) waiting?.reject(failureFromWire(message.failure));
    else waiting?.resolve(fromWire(message.value));
  }

  async #answer(call: number, path: readonly string[], args: readonly unknown[]): Promise<void> {
    try {
      const value = await this.#answerer(path, fromWire(args) as readonly unknown[]);
      this.#send({ answer: call, value: toWire(value) });
    } catch (failure) {
      this.#send({ answer: call, failure: failureToWire(failure) });
    }
  }

  #send(message: Message): void {
    if (this.#isCut || !this.#channel.connected) return;
    // A channel that has just gone says so to its owner, by the end of the process.
    this.#channel.send?.(message, () => undefined);
  }
}

/** The same for an object that is no method itself: what is given where only an object is taken. */
export function remoteObject(...parts: Parameters<typeof remote>): object {
  return new Proxy({}, { get: (_, name) => Reflect.get(remote(...parts) as object, name) as unknown });
}

/** An object in the other process: each member is a method of it, or an object with more of them. `heed` sees every answer. */
export function remote(
  line: ProcessLine,
  path: readonly string[],
  heed: (answer: unknown) => unknown = (answer) => answer,
  before: (path: readonly string[]) => Promise<void> = () => Promise.resolve(),
): unknown {
  return new Proxy(() => undefined, {
    get: (method, name) => {
      if (typeof name !== 'string' || name in method) return Reflect.get(method, name) as unknown;
      // What is awaited is asked for `then`: this is no promise.
      return name === 'then' ? undefined : remote(line, [...path, name], heed, before);
    },
    apply: async (_, __, args: readonly unknown[]) => {
      await before(path);
      return heed(await line.call(path, args));
    },
  });
}
