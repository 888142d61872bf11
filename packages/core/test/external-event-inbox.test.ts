import type { ExternalEvent } from '@virtkit/core';
import { VirtualClock } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { ComputeEventInbox } from '../src/external-events/external-event-inbox.js';

const plugged = (tag: string, status: ExternalEvent['status'] = 'completed'): ExternalEvent => ({
  name: 'network-vif-plugged',
  tag,
  instanceUuid: 'a',
  status,
});
const keys = [plugged('eth0'), plugged('eth1')];

function inbox(): { readonly inbox: ComputeEventInbox; readonly clock: VirtualClock } {
  const clock = new VirtualClock();
  return { inbox: new ComputeEventInbox({ clock }), clock };
}

describe('whoever waits for external events', () => {
  it('gets them in the order asked for, whatever the order they come in', async () => {
    const { inbox: box } = inbox();
    using expected = box.expect('a', keys);
    box.deliver(plugged('eth1', 'failed'));
    box.deliver(plugged('eth1', 'in-progress'));
    box.deliver(plugged('eth0'));
    expect(await expected.arrive(1_000)).toEqual([plugged('eth0'), plugged('eth1', 'failed')]);
  });

  it('gets one that came before anybody waited', async () => {
    const { inbox: box, clock } = inbox();
    box.deliver(plugged('eth0'));
    await clock.advance(59_999);
    using expected = box.expect('a', [plugged('eth0')]);
    expect(await expected.arrive(0)).toEqual([plugged('eth0')]);
  });

  it('does not get one of long ago, nor one twice', async () => {
    const { inbox: box, clock } = inbox();
    box.deliver(plugged('eth0'));
    await clock.advance(60_000);
    using late = box.expect('a', [plugged('eth0')]);
    const arriving = late.arrive(10);
    await clock.advance(10);
    expect(await arriving).toBe('timeout');

    box.deliver(plugged('eth1'));
    using first = box.expect('a', [plugged('eth1')]);
    expect(await first.arrive(0)).toEqual([plugged('eth1')]);
    using second = box.expect('a', [plugged('eth1')]);
    const again = second.arrive(10);
    await clock.advance(10);
    expect(await again).toBe('timeout');
  });

  it('is told when some have not come in time, and leaves no timer behind', async () => {
    const { inbox: box, clock } = inbox();
    using expected = box.expect('a', keys);
    box.deliver(plugged('eth0'));
    const arriving = expected.arrive(300_000);
    await clock.advance(300_000);
    expect(await arriving).toBe('timeout');
    expect(clock.sleeperCount).toBe(0);
  });

  it('is let go with the reason of an aborted signal', async () => {
    const { inbox: box } = inbox();
    using expected = box.expect('a', keys);
    const reason = new Error('enough');
    await expect(expected.arrive(1_000, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('for nothing does not wait', async () => {
    const { inbox: box } = inbox();
    using expected = box.expect('a', []);
    expect(await expected.arrive(1_000)).toEqual([]);
  });

  it('does not lose one that somebody else of the same instance does not wait for', async () => {
    const { inbox: box } = inbox();
    using other = box.expect('a', [plugged('eth1')]);
    box.deliver(plugged('eth0'));
    using expected = box.expect('a', [plugged('eth0')]);
    expect(await expected.arrive(0)).toEqual([plugged('eth0')]);
    box.deliver(plugged('eth1'));
    expect(await other.arrive(0)).toEqual([plugged('eth1')]);
  });

  it('is let go at the close, and so is who comes after it', async () => {
    const { inbox: box, clock } = inbox();
    using expected = box.expect('a', keys);
    box.deliver(plugged('eth0'));
    const arriving = expected.arrive(300_000);
    box.close();
    expect(await arriving).toEqual([plugged('eth0'), plugged('eth1', 'failed')]);
    using late = box.expect('a', [plugged('eth1')]);
    expect(await late.arrive(300_000)).toEqual([plugged('eth1', 'failed')]);
    expect(clock.sleeperCount).toBe(0);
  });
});
