import { pino, type DestinationStream, type LevelWithSilent } from 'pino';
import type { DriverLog } from '../driver/index.js';
import { operatorFailuresOf } from '../recorders/operator-failure.js';
import { requestScope } from '../records/request-scope.js';

export interface ComputeLogOptions {
  /** Default `info`. */
  readonly level?: LevelWithSilent;
  /** Where the lines go; standard output without one. */
  readonly destination?: DestinationStream;
}

/**
 * A pino log for operators. Each line written while an operation runs bears its request id and instance uuid; an error under
 * `err` is written with its causes, operator facts and suppressed failures. Secrets print as `[redacted]`.
 */
export function computeLog({ level = 'info', destination }: ComputeLogOptions = {}): DriverLog {
  const options = {
    level,
    base: null,
    mixin: scopeFields,
    serializers: { err: operatorFailuresOf, failure: operatorFailuresOf, reason: operatorFailuresOf },
  };
  return destination ? pino(options, destination) : pino(options);
}

function scopeFields(): object {
  const scope = requestScope.getStore();
  return scope ? { requestId: scope.requestId, instanceUuid: scope.instanceUuid } : {};
}

/** Logs nothing. */
export const silentLog: DriverLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
