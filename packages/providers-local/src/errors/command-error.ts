/** A program of the host, such as qemu-img, has not done its work. Its words name paths: they are for operators. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly command: readonly string[],
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(`${command.join(' ')}: ${stderr.trim() || 'it said nothing'}`, options);
  }
}
