/** True when a file was not found. A part of its path that is no directory counts as well. */
export function isMissing(failure: unknown): boolean {
  return hasCode(failure, 'ENOENT', 'ENOTDIR');
}

/** True when something has the name already. */
export function isThere(failure: unknown): boolean {
  return hasCode(failure, 'EEXIST', 'ENOTEMPTY');
}

function hasCode(failure: unknown, ...codes: readonly string[]): boolean {
  const code = failure instanceof Error ? (failure as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && codes.includes(code);
}
