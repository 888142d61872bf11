import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { procedures, RpcConnection, type EventDelivery, type EventSubscription } from '../../src/index.js';
import { eventBytes, ScriptedPeer } from '../../src/testing/index.js';

const dom = { name: 'guest', uuid: '6ba7b810-9dad-11d1-80b4-00c04fd430c8', id: 7 };
const { connectDomainEventCallbackDeregisterAny: deregister, connectDomainEventCallbackRegisterAny: register } =
  procedures;
const { domainEventCallbackLifecycle: lifecycle, domainEventCallbackJobCompleted: jobCompleted } = procedures;

let peer: ScriptedPeer;
let connection: RpcConnection;

beforeEach(async () => {
  peer = await ScriptedPeer.listen();
  connection = await RpcConnection.open({ socketPath: peer.socketPath });
});

afterEach(async () => {
  await connection.close();
  await peer[Symbol.asyncDispose]();
});

function sendLifecycle(callbackID: number, event: number): void {
  peer.sendEvent(lifecycle, { callbackID, msg: { dom, event, detail: 0 } });
}

async function take<Event>(subscription: EventSubscription<Event>, count: number): Promise<EventDelivery<Event>[]> {
  const deliveries: EventDelivery<Event>[] = [];
  const iterator = subscription[Symbol.asyncIterator]();
  while (deliveries.length < count) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    deliveries.push(value);
  }
  return deliveries;
}

function lifecycleDelivery(event: number): unknown {
  return { kind: 'event', event: { dom, event, detail: 0 } };
}

describe('events', () => {
  it('that overtake the reply to their registration are delivered, and those of others are not', async () => {
    const subscribing = connection.domainEventRegisterAny('lifecycle');
    const call = await peer.next(register);
    expect(call.args).toEqual({ eventID: 0, dom: null });
    sendLifecycle(0, 2);
    sendLifecycle(5, 9);
    call.reply({ callbackID: 0 });
    await using subscription = await subscribing;
    sendLifecycle(5, 9);
    sendLifecycle(0, 3);
    expect(await take(subscription, 2)).toEqual([lifecycleDelivery(2), lifecycleDelivery(3)]);
  });

  it('in the same chunk as the reply are delivered', async () => {
    const subscribing = connection.domainEventRegisterAny('lifecycle');
    const reply = (await peer.next(register)).replyBytes({ callbackID: 3 });
    const early = eventBytes(lifecycle, { callbackID: 3, msg: { dom, event: 4, detail: 0 } });
    peer.send(Buffer.concat([early, reply, early]));
    await using subscription = await subscribing;
    expect(await take(subscription, 2)).toEqual([lifecycleDelivery(4), lifecycleDelivery(4)]);
  });

  it('have one shape for the taker, whatever shape their message has', async () => {
    peer.answer(register, ({ args }) => ({ callbackID: args.eventID }));
    await using jobs = await connection.domainEventRegisterAny('jobCompleted');
    await using wakeups = await connection.domainEventRegisterAny('pmWakeup');
    const params = [{ field: 'operation', type: 'int', value: 2 } as const];
    peer.sendEvent(jobCompleted, { callbackID: 21, dom, params });
    peer.sendEvent(procedures.domainEventCallbackPmwakeup, { callbackID: 11, reason: 0, msg: { dom } });
    expect(await take(jobs, 1)).toEqual([{ kind: 'event', event: { dom, params: { operation: 2 } } }]);
    expect(await take(wakeups, 1)).toEqual([{ kind: 'event', event: { dom, reason: 0 } }]);
  });

  it('that nobody asked for are dropped', async () => {
    peer.answer(register, () => ({ callbackID: 1 }));
    await using subscription = await connection.domainEventRegisterAny('lifecycle');
    peer.sendEvent(procedures.domainEventLifecycle, { dom, event: 1, detail: 1 });
    peer.sendEvent(jobCompleted, { callbackID: 1, dom, params: [] });
    sendLifecycle(1, 5);
    expect(await take(subscription, 1)).toEqual([lifecycleDelivery(5)]);
  });
});

describe('subscribers to the same', () => {
  it('share one registration, which ends with the last of them', async () => {
    peer.answer(register, () => ({ callbackID: 1 }));
    const [first, second] = await Promise.all([
      connection.domainEventRegisterAny('lifecycle'),
      connection.domainEventRegisterAny('lifecycle'),
    ]);
    const third = await connection.domainEventRegisterAny('lifecycle');
    sendLifecycle(1, 2);
    for (const subscription of [first, second, third])
      expect(await take(subscription, 1)).toEqual([lifecycleDelivery(2)]);
    await Promise.all([first.close(), first.close(), second.close()]);
    expect(peer.calls).not.toContain('connectDomainEventCallbackDeregisterAny');
    await third.close();
    expect(peer.calls.filter((name) => name.startsWith('connectDomainEvent'))).toEqual([
      register.name,
      deregister.name,
    ]);
  });

  it('of one domain and of all do not', async () => {
    peer.answer(register, ({ args }) => ({ callbackID: args.dom === null ? 1 : 2 }));
    await using ofAll = await connection.domainEventRegisterAny('lifecycle');
    await using ofOne = await connection.domainEventRegisterAny('lifecycle', { domain: dom });
    sendLifecycle(1, 2);
    sendLifecycle(2, 3);
    expect(await take(ofAll, 1)).toEqual([lifecycleDelivery(2)]);
    expect(await take(ofOne, 1)).toEqual([lifecycleDelivery(3)]);
  });

  it('register anew only when the old registration is gone', async () => {
    peer.answer(register, () => ({ callbackID: 1 }));
    const first = await connection.domainEventRegisterAny('lifecycle');
    peer.hold(deregister);
    const closing = first.close();
    const goodbye = await peer.next(deregister);
    const subscribing = connection.domainEventRegisterAny('lifecycle');
    const other = await connection.domainEventRegisterAny('reboot');
    expect(peer.calls.filter((name) => name === register.name)).toHaveLength(2);
    goodbye.reply({});
    await closing;
    const second = await subscribing;
    expect(peer.calls.filter((name) => name === register.name)).toHaveLength(3);
    peer.answer(deregister, () => ({}));
    await Promise.all([second.close(), other.close()]);
  });

  it('can be told no, and may ask again', async () => {
    const refused = Promise.allSettled([
      connection.domainEventRegisterAny('lifecycle'),
      connection.domainEventRegisterAny('lifecycle'),
    ]);
    (await peer.next(register)).fail({ code: 3 });
    expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    peer.answer(register, () => ({ callbackID: 1 }));
    await using subscription = await connection.domainEventRegisterAny('lifecycle');
    sendLifecycle(1, 2);
    expect(await take(subscription, 1)).toEqual([lifecycleDelivery(2)]);
  });
});

describe('a taker', () => {
  beforeEach(() => peer.answer(register, () => ({ callbackID: 1 })));

  it('that is too slow is told that events are missing, and gets those after', async () => {
    await using subscription = await connection.domainEventRegisterAny('lifecycle', { queueMax: 3 });
    for (const event of [1, 2, 3, 4, 5, 6]) sendLifecycle(1, event);
    const state = connection.call(procedures.domainGetState, { dom, flags: 0 });
    (await peer.next(procedures.domainGetState)).reply({ state: 1, reason: 1 });
    await state;
    expect(await take(subscription, 3)).toEqual([
      { kind: 'resync', reason: 'overflow' },
      lifecycleDelivery(5),
      lifecycleDelivery(6),
    ]);
  });

  it('that leaves its loop ends the subscription', async () => {
    const subscription = await connection.domainEventRegisterAny('lifecycle');
    sendLifecycle(1, 2);
    for await (const delivery of subscription) {
      expect(delivery).toEqual(lifecycleDelivery(2));
      break;
    }
    expect(peer.calls).toContain(deregister.name);
    expect(await take(subscription, 1)).toEqual([]);
  });

  it('gets what has come before the connection was lost, and then the loss', async () => {
    const subscription = await connection.domainEventRegisterAny('lifecycle');
    sendLifecycle(1, 2);
    peer.end();
    await connection.closed;
    expect(await take(subscription, 1)).toEqual([lifecycleDelivery(2)]);
    await expect(take(subscription, 1)).rejects.toMatchObject({ name: 'LibvirtConnectionError', reason: 'lost' });
    expect(await take(subscription, 1)).toEqual([]);
    await subscription.close();
  });

  it('is at its end when the connection is closed', async () => {
    const subscription = await connection.domainEventRegisterAny('lifecycle');
    const taking = take(subscription, 1);
    await connection.close();
    expect(await taking).toEqual([]);
  });
});
