import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isComputeError, type TenantAction } from '@virtkit/core';
import type { ComputeStore } from '@virtkit/core/store';
import type { LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { HOST_NAME } from './real-compute.js';

interface StoreCall {
  readonly id: number;
  readonly method: keyof ComputeStore;
  readonly args: readonly never[];
}
type Message = StoreCall | { readonly ready: true } | { readonly finished: TenantAction };

export interface ManagerProcessOptions {
  readonly store: ComputeStore;
  readonly configuration: LibvirtConfiguration;
  readonly instanceUuid: string;
  /** Told of every commit of the operation, counted from 1, before it is made and after it. */
  readonly onCommit: (nth: number, moment: 'before' | 'after') => void;
  /** The manager is about to begin. */
  readonly onReady: () => void;
}

/** A manager in a process of its own, hard rebooting one instance over records that this process keeps. */
export class ManagerProcess {
  readonly #child: ChildProcess;
  readonly #options: ManagerProcessOptions;
  readonly #ended: Promise<unknown>;
  #isReady = false;
  #commits = 0;
  #finished: TenantAction | undefined;

  constructor(options: ManagerProcessOptions) {
    this.#options = options;
    const { configuration, instanceUuid } = options;
    const program = fileURLToPath(new URL('manager-process.mjs', import.meta.url));
    this.#child = fork(program, [JSON.stringify({ configuration, instanceUuid, host: HOST_NAME })], {
      serialization: 'advanced',
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.on('message', (message: Message) => void this.#heed(message));
  }

  /** As a power cut does it. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when the process is gone: with the finished action, if it came that far. */
  async ended(): Promise<TenantAction | undefined> {
    await this.#ended;
    return this.#finished;
  }

  async #heed(message: Message): Promise<void> {
    if ('ready' in message) {
      this.#isReady = true;
      this.#options.onReady();
    } else if ('finished' in message) {
      this.#finished = message.finished;
      this.kill();
    } else {
      await this.#answer(message);
    }
  }

  async #answer({ id, method, args }: StoreCall): Promise<void> {
    const { store, onCommit } = this.#options;
    const counts = method === 'commit' && this.#isReady;
    if (counts) this.#commits += 1;
    const nth = this.#commits;
    if (counts) onCommit(nth, 'before');
    // A dead process writes nothing any more.
    if (this.#child.killed) return;
    const answer = await (store[method].bind(store) as (...args: readonly never[]) => Promise<unknown>)(...args).then(
      (value) => ({ id, value }),
      (failure: unknown) => {
        if (!isComputeError(failure)) throw failure;
        return { id, failure: { code: failure.code, details: failure.details } };
      },
    );
    if (counts) onCommit(nth, 'after');
    if (this.#child.connected && !this.#child.killed) this.#child.send(answer);
  }
}
