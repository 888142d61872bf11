import type { ExceptionNotification, Exceptions } from '@virtkit/decorators';
import type { Records } from '../records.js';
import { operatorFailureOf } from './operator-failure.js';
import { tenantFailureOf } from './tenant-failure.js';

/** Appends one `compute.exception` for a failed call to the outbox. */
export class ExceptionNotifier implements Exceptions {
  readonly #records: Records;
  readonly #now: () => number;

  constructor({ records, now }: { readonly records: Records; readonly now: () => number }) {
    this.#records = records;
    this.#now = now;
  }

  async notify({
    eventType,
    publisher,
    className,
    methodName,
    failure,
    args,
    ...subject
  }: ExceptionNotification): Promise<void> {
    const notification = {
      id: globalThis.crypto.randomUUID(),
      eventType,
      priority: 'ERROR' as const,
      publisher: `compute:${publisher}`,
      instanceUuid: subject.instanceUuid ?? null,
      requestId: subject.requestId ?? null,
      occurredAtMs: this.#now(),
      payload: { failure: tenantFailureOf(failure) },
      operator: { method: `${className}.${methodName}`, args, failure: operatorFailureOf(failure) },
    };
    await this.#records.commit([{ write: 'append-notification', notification }]);
  }
}
