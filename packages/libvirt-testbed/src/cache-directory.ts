import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Three levels up from `src` or from `dist` of this package. */
const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** A directory below `.cache` at the repository's root: survives runs, ignored by git, may be deleted at any time. */
export function cacheDirectory(name: string): string {
  return join(repositoryRoot, '.cache', name);
}
