import type { ExceptionNotification, Exceptions } from '@virtkit/decorators';
import type { DriverLog } from '../driver/index.js';
import type { Records } from '../records/records.js';
import { requestScope } from '../records/request-scope.js';
import { exceptionNotification } from './exception-notification.js';

/** Tells of a failed call: one line in the operator's log, one `compute.exception` in the outbox. */
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
    await this.#records.stage(requestScope.getStore()?.context, [{ write: 'append-notification', notification }]);
  }
}
