import { constants } from 'node:os';

const terminatingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type TerminatingSignal = (typeof terminatingSignals)[number] | 'SIGPIPE';

/** Somebody wants this process to end. */
export class Termination extends Error {
  override readonly name = 'Termination';
  /** As a shell says that a signal has ended a program. */
  readonly exitCode: number;

  constructor(signalName: TerminatingSignal) {
    super(signalName);
    this.exitCode = 128 + constants.signals[signalName];
  }
}

/**
 * A signal that aborts with a {@link Termination} when the process is asked to end, or when nobody reads its output any more.
 * To ask again changes nothing: what is under way then is the cleaning up, and that has its own limits.
 */
export function terminationSignal(...outputs: readonly NodeJS.WriteStream[]): AbortSignal {
  const abort = new AbortController();
  const end = (name: TerminatingSignal): void => abort.abort(new Termination(name));
  for (const name of terminatingSignals) process.on(name, end);
  for (const output of outputs) output.on('error', () => end('SIGPIPE'));
  return abort.signal;
}
