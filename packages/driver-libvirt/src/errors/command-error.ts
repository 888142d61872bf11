/** Why a command of the host did not do its work. */
export type CommandProblem = 'missing' | 'failed' | 'timeout' | 'aborted';

/** A program of the host, such as qemu-img, has failed. Its words name paths: they are for operators. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly problem: CommandProblem,
    readonly command: readonly string[],
    readonly stderr: string,
    options?: ErrorOptions,
  ) {
    super(`${command.join(' ')}: ${problem}: ${stderr.trim()}`, options);
  }
}
