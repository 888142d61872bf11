import { access, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A QEMU that can be held up: a guest that starts while it is held says so and waits. libvirt's own questions to the program are
 * answered at once.
 */
export class SlowableEmulator {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async write(directory: string): Promise<SlowableEmulator> {
    const path = join(directory, 'qemu-slowable');
    const script = [
      '#!/bin/sh',
      `mark='${path}'`,
      'case "$*" in *guest=*)',
      '  if [ -e "$mark.held" ]; then',
      '    : > "$mark.started"',
      '    for _ in $(seq 200); do [ -e "$mark.held" ] || break; sleep 0.1; done',
      '  fi ;;',
      'esac',
      'exec /usr/bin/qemu-system-x86_64 "$@"',
    ];
    await writeFile(path, `${script.join('\n')}\n`, { mode: 0o755 });
    return new SlowableEmulator(path);
  }

  /** From now on guests that start wait. */
  async hold(): Promise<void> {
    await writeFile(`${this.path}.held`, '');
  }

  /** Resolves when a guest waits. */
  async isHeldUp(): Promise<void> {
    for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 20) {
      if (await exists(`${this.path}.started`)) return;
      await delay(20);
    }
    throw new Error('No guest has come to start within 20 s.');
  }

  /** Lets everything go on. Idempotent. */
  async release(): Promise<void> {
    await rm(`${this.path}.held`, { force: true });
    await rm(`${this.path}.started`, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
