/** True when a file was not found. A part of its path that is no directory counts as well. */
export function isMissing(failure: unknown): boolean {
  const code = failure instanceof Error ? (failure as NodeJS.ErrnoException).code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
