import type { EventSubscription } from '../../src/index.js';

/** The next events, without what tells of gaps. */
export async function take<Event>(subscription: EventSubscription<Event>, count: number): Promise<Event[]> {
  const events: Event[] = [];
  const deliveries = subscription[Symbol.asyncIterator]();
  while (events.length < count) {
    const { done, value } = await deliveries.next();
    if (done === true) throw new Error('the events have ended');
    if (value.kind === 'event') events.push(value.event);
  }
  return events;
}
