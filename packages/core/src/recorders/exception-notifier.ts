import type { ExceptionNotification, Exceptions } from '@virtkit/decorators';
import { computeErrors, isComputeError, type ComputeError, type DriverLog } from '../driver/index.js';
import type { Records } from '../records/records.js';
import { requestScope } from '../records/request-scope.js';
import { exceptionNotification } from './exception-notification.js';

/**
 * Tells of a failed call: one line in the operator's log, one `compute.exception` in the outbox. A call that was refused because of what its
 * caller asked for, before any action was begun, is a line of information only.
 */
export class ExceptionNotifier implements Exceptions {
  readonly #records: Records;
  readonly #now: () => number;
  readonly #log: DriverLog;

  constructor({
    records,
    now,
    log,
  }: {
    readonly records: Records;
    readonly now: () => number;
    readonly log: DriverLog;
  }) {
    this.#records = records;
    this.#now = now;
    this.#log = log;
  }

  async notify({ publisher, className, methodName, failure, args, ...subject }: ExceptionNotification): Promise<void> {
    const context = requestScope.getStore()?.context;
    if (context?.actionUuid === undefined && isRefusal(failure)) {
      this.#log.info({ code: failure.code, method: `${className}.${methodName}`, ...subject }, 'request refused');
      return;
    }
    const notification = exceptionNotification({
      ...subject,
      host: publisher,
      method: `${className}.${methodName}`,
      args,
      failure,
      occurredAtMs: this.#now(),
    });
    // The line first: it is there even when the outbox is not.
    const { instanceUuid, requestId } = notification;
    const method = notification.operator?.method;
    this.#log.error({ err: failure, method, instanceUuid, requestId }, 'an operation failed');
    // The decorators name the request here, and not the action: the scope knows it.
    await this.#records.stage(context, [{ write: 'append-notification', notification }]);
  }
}

/** A caller's own mistake, after which nothing has changed, is no alarm for operators. */
function isRefusal(failure: unknown): failure is ComputeError {
  return isComputeError(failure) && failure.effect === 'none' && computeErrors[failure.code].atFault === 'caller';
}
