import type { StoreWrite } from '@virtkit/core/store';

/** What is written of a failed call: the fault, the end of its event, the notification of it, the task state that it clears. */
export const recordersOfFailures: readonly ((each: StoreWrite) => boolean)[] = [
  (each) => each.write === 'put-fault',
  (each) => each.write === 'put-event' && each.event.result === 'Error',
  (each) => each.write === 'append-notification' && each.notification.eventType === 'compute.exception',
  (each) => each.write === 'update-instance' && each.patch.taskState === null,
];
