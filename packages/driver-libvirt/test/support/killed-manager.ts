import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { isComputeError, type ComputeOptions, type CreateRequest, type TenantAction } from '@virtkit/core';
import { instanceFromFields, type ComputeStore, type StoreWrite } from '@virtkit/core/store';
import type { LibvirtConfiguration } from '@virtkit/driver-libvirt';
import { HOST_NAME } from './real-compute.js';

interface StoreCall {
  readonly id: number;
  readonly method: keyof ComputeStore;
  readonly args: readonly never[];
}
interface Passed {
  readonly id: number;
  readonly passed: string;
}
type Message =
  StoreCall | Passed | { readonly ready: true } | { readonly finished: TenantAction } | { readonly lost: true };

/** What the manager does. */
export type ManagerWork = 'hardReboot' | 'start' | { readonly create: CreateRequest };

export interface ManagerProcessOptions {
  readonly store: ComputeStore;
  readonly configuration: LibvirtConfiguration;
  readonly instanceUuid: string;
  /** Default: a hard reboot. */
  readonly work?: ManagerWork;
  /** Default: the host is taken at once. */
  readonly session?: ComputeOptions['session'];
  /** Told of every commit of the operation, counted from 1, before it is made and after it. */
  readonly onCommit: (nth: number, moment: 'before' | 'after') => void;
  /** Told when the fence has let a call to libvirt pass, before it is sent. */
  readonly onPassed?: (procedure: string) => void;
  /** The manager is about to begin. */
  readonly onReady: () => void;
}

/** A manager in a process of its own, doing one thing to one instance over records that this process keeps. */
export class ManagerProcess {
  readonly #child: ChildProcess;
  readonly #options: ManagerProcessOptions;
  readonly #ended: Promise<unknown>;
  #isReady = false;
  #commits = 0;
  #finished: TenantAction | undefined;
  #isPaused = false;
  readonly #lost = Promise.withResolvers<void>();

  constructor(options: ManagerProcessOptions) {
    this.#options = options;
    const { configuration, instanceUuid, work = 'hardReboot', session = { takeOver: 'at-once' } } = options;
    const program = fileURLToPath(new URL('manager-process.mjs', import.meta.url));
    this.#child = fork(program, [JSON.stringify({ configuration, instanceUuid, work, session, host: HOST_NAME })], {
      serialization: 'advanced',
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.on('message', (message: Message) => void this.#heed(message));
  }

  /** As a power cut does it. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** It does nothing more until {@link goOn}, and does not notice. */
  pause(): void {
    this.#isPaused = true;
    process.kill(this.#child.pid ?? 0, 'SIGSTOP');
  }

  /** Resolves when the process has noticed that its host was taken, and has closed. */
  async goOn(): Promise<void> {
    process.kill(this.#child.pid ?? 0, 'SIGCONT');
    await this.#lost.promise;
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
      if (!this.#isPaused) this.kill();
    } else if ('lost' in message) {
      this.#lost.resolve();
    } else if ('passed' in message) {
      if (this.#isReady) this.#options.onPassed?.(message.passed);
      this.#reply({ id: message.id });
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
    const answer = await (store[method].bind(store) as (...args: readonly unknown[]) => Promise<unknown>)(
      ...args.map(withBrand),
    ).then(
      (value) => ({ id, value }),
      (failure: unknown) => {
        if (!isComputeError(failure)) throw failure;
        return { id, failure: { code: failure.code, details: failure.details } };
      },
    );
    if (counts) onCommit(nth, 'after');
    this.#reply(answer);
  }

  #reply(answer: { readonly id: number }): void {
    if (this.#child.connected && !this.#child.killed) this.#child.send(answer);
  }
}

/** What is an instance loses its brand between processes. */
function withBrand(arg: unknown): unknown {
  if (!Array.isArray(arg)) return arg;
  return (arg as readonly StoreWrite[]).map((write) =>
    write.write === 'create-instance' ? { ...write, instance: instanceFromFields(write.instance) } : write,
  );
}
