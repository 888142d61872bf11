/** True for an error of a system call with one of these codes, as `ENOENT`. */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(error.code as string);
}
