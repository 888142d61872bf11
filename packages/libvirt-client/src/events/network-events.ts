import { NetworkEventID } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteNetwork } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

export const networkEvents = {
  lifecycle: { id: NetworkEventID.VIR_NETWORK_EVENT_ID_LIFECYCLE, message: remote.networkEventLifecycle },
  // Newer than the enumeration this table is made from.
  metadataChange: { id: 1, message: remote.networkEventCallbackMetadataChange },
} as const;

export type NetworkEventName = keyof typeof networkEvents;

/** What an event tells: always `net`, and whatever belongs to its kind. */
export type NetworkEvent<Name extends NetworkEventName> = EventOf<(typeof networkEvents)[Name]['message']>;

export function networkEvent(name: NetworkEventName, network: RemoteNetwork | null): EventSource {
  const { id, message } = networkEvents[name];
  const { connectNetworkEventRegisterAny, connectNetworkEventDeregisterAny } = remote;
  return {
    key: `network ${name} ${network?.uuid ?? 'of all'}`,
    message,
    register: (caller) => caller.call(connectNetworkEventRegisterAny, { eventID: id, net: network }),
    deregister: (caller, callbackID) => caller.call(connectNetworkEventDeregisterAny, { callbackID }),
  };
}
