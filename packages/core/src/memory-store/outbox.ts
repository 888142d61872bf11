import type { NewNotification, Notification } from '../model/notification.js';
import type { NotificationQuery } from '../store/compute-store.js';

/** The notifications, in the order they were appended. */
export class Outbox {
  readonly #notifications: Notification[] = [];
  readonly #ids = new Set<string>();
  readonly #countByInstance = new Map<string, number>();

  append(notification: NewNotification): void {
    const { id, instanceUuid } = notification;
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    const instanceSequence = instanceUuid === null ? null : this.#next(instanceUuid);
    const sequence = this.#notifications.length + 1;
    this.#notifications.push(Object.freeze({ ...notification, sequence, instanceSequence }));
  }

  list({ afterSequence, instanceUuid, requestId, countMax }: NotificationQuery): readonly Notification[] {
    // Sequences start at 1 and have no gaps here, so the index of a notification is its sequence less one.
    return this.#notifications
      .slice(Math.max(0, afterSequence))
      .filter(
        (each) =>
          (instanceUuid === undefined || each.instanceUuid === instanceUuid) &&
          (requestId === undefined || each.requestId === requestId),
      )
      .slice(0, countMax);
  }

  #next(instanceUuid: string): number {
    const count = (this.#countByInstance.get(instanceUuid) ?? 0) + 1;
    this.#countByInstance.set(instanceUuid, count);
    return count;
  }
}
