import type { ExceptionNotification, Exceptions } from '@virtkit/decorators';
import type { DriverLog } from '../driver/index.js';
import type { Records } from '../records/records.js';
import { requestScope } from '../records/request-scope.js';
import { isCallersFault } from './callers-fault.js';
import { exceptionNotification } from './exception-notification.js';

/**
 * Tells of a failed call: one line in the operator's log, one `compute.exception` in the outbox. A failure that is its caller's own fault is a
 * line of information only, without a stack: its fault, its event and its `.error` notification say the rest.
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
    if (isCallersFault(failure)) {
      const { code, message } = failure;
      const what = context?.actionUuid === undefined ? 'request refused' : 'action failed by its request';
      this.#log.info({ code, message, method: `${className}.${methodName}`, ...subject }, what);
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
