import { statSync } from 'node:fs';

/** The file is not where it was: it was deleted, replaced, or moved with its directory. */
export class FileLost extends Error {
  override readonly name = 'FileLost';
}

/**
 * Which file an open database is, and which its log. The kernel goes on writing to a file that nobody can find any more: what is
 * acknowledged then is gone with the process. Whoever commits must therefore look, at a cost of two calls of a microsecond each.
 */
export class FileIdentity {
  readonly #paths: ReadonlyMap<string, string>;

  constructor(databasePath: string) {
    this.#paths = new Map([databasePath, `${databasePath}-wal`].map((path) => [path, identityOf(path)]));
  }

  /** @throws FileLost */
  require(): void {
    for (const [path, identity] of this.#paths) {
      const present = identityOf(path);
      if (present === GONE) throw new FileLost(`${path} is not there any more. What is in it cannot be found again.`);
      if (present !== identity) throw new FileLost(`${path} is another file than the one that was opened.`);
    }
  }
}

const GONE = 'gone';

function identityOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev} ${stats.ino}` : GONE;
}
