import type { CallOptions } from '../driver/index.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { HostPeer, InstanceAsked } from './host-peer.js';
import { peerCallTimeoutsMs } from './peer-call-table.js';

/** What may come while something else is done to the instance: it changes nothing of it. */
const besides: ReadonlySet<keyof HostPeer> = new Set(['inspect', 'noteMove']);

/** This host's half as other managers reach it: what changes an instance waits for its turn in the instance's lane. */
export function lanedHalf(half: HostPeer, lanes: InstanceLanes): HostPeer {
  const laned =
    (method: keyof HostPeer) =>
    async (asked: InstanceAsked, options: CallOptions = {}): Promise<unknown> => {
      const call = half[method].bind(half) as (asked: InstanceAsked, options: CallOptions) => Promise<unknown>;
      if (besides.has(method)) return await call(asked, options);
      const { instanceUuid } = asked;
      const entry = { instanceUuid, operation: 'move', manner: 'wait' as const, signal: options.signal };
      return await lanes.enter(entry, (signal) => call(asked, { signal }));
    };
  const methods = Object.keys(peerCallTimeoutsMs) as (keyof HostPeer)[];
  return Object.fromEntries(methods.map((method) => [method, laned(method)])) as unknown as HostPeer;
}
