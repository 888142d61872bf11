import { NodeDeviceEventID } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteNodeDevice } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

export const nodeDeviceEvents = {
  lifecycle: { id: NodeDeviceEventID.VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, message: remote.nodeDeviceEventLifecycle },
  update: { id: NodeDeviceEventID.VIR_NODE_DEVICE_EVENT_ID_UPDATE, message: remote.nodeDeviceEventUpdate },
} as const;

export type NodeDeviceEventName = keyof typeof nodeDeviceEvents;

/** What an event tells: always `dev`, and whatever belongs to its kind. */
export type NodeDeviceEvent<Name extends NodeDeviceEventName> = EventOf<(typeof nodeDeviceEvents)[Name]['message']>;

export function nodeDeviceEvent(name: NodeDeviceEventName, nodeDevice: RemoteNodeDevice | null): EventSource {
  const { id, message } = nodeDeviceEvents[name];
  const { connectNodeDeviceEventRegisterAny, connectNodeDeviceEventDeregisterAny } = remote;
  return {
    key: `node-device ${name} ${nodeDevice?.name ?? 'of all'}`,
    message,
    register: (caller) => caller.call(connectNodeDeviceEventRegisterAny, { eventID: id, dev: nodeDevice }),
    deregister: (caller, callbackID) => caller.call(connectNodeDeviceEventDeregisterAny, { callbackID }),
  };
}
