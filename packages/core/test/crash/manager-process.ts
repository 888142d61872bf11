import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '@virtkit/core';
import { forkManager } from './manager-bundle.js';
import { ProcessLine, remote, type Answerer } from './process-line.js';

/** How long a process may take for anything, in milliseconds, before it counts as stuck. */
const PATIENCE_MS = 20_000;

/** A process of its own, to be killed. It may hold managers, or records, or both. */
export class ManagerProcess {
  readonly #child: ChildProcess;
  readonly #line: ProcessLine;
  readonly #exited: Promise<unknown>;
  #isDead = false;
  #hasGoneOn = false;
  #goesOn: PromiseWithResolvers<void> | undefined;

  /** @param programs the directory of its program */
  constructor(programs: string, answerer: (asking: ManagerProcess) => Answerer) {
    this.#child = forkManager(programs);
    this.#exited = once(this.#child, 'exit');
    this.#line = new ProcessLine(this.#child, answerer(this));
  }

  /** Whether nothing it says is heard any more. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves when it is not paused. */
  get goesOn(): Promise<void> {
    return this.#goesOn?.promise ?? Promise.resolve();
  }

  /** Whether it was paused and goes on. */
  get hasGoneOn(): boolean {
    return this.#hasGoneOn;
  }

  /** It does nothing more until {@link goOn}, and does not notice. */
  pause(): void {
    this.#goesOn = Promise.withResolvers<void>();
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#hasGoneOn = true;
    this.#child.kill('SIGCONT');
    this.#goesOn?.resolve();
  }

  /** @throws ProcessDied, what the other process throws, or an error when it does not answer in time */
  async ask(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const patience = Promise.withResolvers<never>();
    const stop = systemClock.after(PATIENCE_MS, () => patience.reject(new Error(`stuck in ${path.join('.')}`)));
    try {
      return await Promise.race([patience.promise, this.#line.call(path, args)]);
    } finally {
      stop();
    }
  }

  /** An object in the process. */
  remote(path: readonly string[], heed?: (answer: unknown) => unknown): unknown {
    return remote(this.#line, path, heed);
  }

  /** As a power cut does it. Resolves when the process is gone; it is not heard from now on. */
  async kill(): Promise<void> {
    this.#isDead = true;
    this.#line.cut();
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
