import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface PeerOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** How long one answer may take. Default 120,000. */
  readonly answerTimeoutMs?: number;
}

const STDERR_CHARS_MAX = 2_000;

/**
 * A peer in a process of its own: it reads requests from its standard input, one JSON value a line, and answers each with one
 * line. It ends when its input does.
 */
export class PeerProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  readonly #answerTimeoutMs: number;
  #said = '';

  private constructor({ program, args, answerTimeoutMs = 120_000 }: PeerOptions) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-STDERR_CHARS_MAX);
    });
    // A program that is not there or has ended shows in the missing answer.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child
        .once('close', () => resolve())
        .once('error', (error) => {
          this.#said += error.message;
          resolve();
        });
    });
  }

  /**
   * Starts a peer and gives it a first request, so that one that cannot run is known before the others begin.
   * @returns why it cannot, as the peer or the operating system says it, when it cannot
   */
  static async start(options: PeerOptions, firstRequest: unknown): Promise<PeerProcess | string> {
    const peer = new PeerProcess(options);
    try {
      await peer.ask(firstRequest);
      return peer;
    } catch (failure) {
      await peer[Symbol.asyncDispose]();
      return (failure instanceof Error ? failure.message : String(failure)).split('\n').at(-1) ?? '';
    }
  }

  /** @throws Error when the peer ends or stays silent instead, with the end of what it wrote to its standard error */
  async ask<Answer>(request: unknown): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const timeout = setTimeout(() => this.#child.kill('SIGKILL'), this.#answerTimeoutMs);
    try {
      const line = await this.#lines.next();
      if (!line.done) return JSON.parse(line.value) as Answer;
    } finally {
      clearTimeout(timeout);
    }
    await this.#ended;
    throw new Error(`${this.#child.spawnfile} has given no answer: ${this.#said.trim()}`);
  }

  /** How much memory the peer has now, as the kernel counts it. */
  async residentMib(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    const timeout = setTimeout(() => this.#child.kill('SIGKILL'), this.#answerTimeoutMs);
    await this.#ended;
    clearTimeout(timeout);
  }
}

/** The path of a peer's source in this package. */
export function peerSource(name: string): string {
  return new URL(`../../peers/${name}`, import.meta.url).pathname;
}
