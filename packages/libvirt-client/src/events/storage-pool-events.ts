import { StoragePoolEventID } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteStoragePool } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

export const storagePoolEvents = {
  lifecycle: { id: StoragePoolEventID.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, message: remote.storagePoolEventLifecycle },
  refresh: { id: StoragePoolEventID.VIR_STORAGE_POOL_EVENT_ID_REFRESH, message: remote.storagePoolEventRefresh },
} as const;

export type StoragePoolEventName = keyof typeof storagePoolEvents;

/** What an event tells: always `pool`, and whatever belongs to its kind. */
export type StoragePoolEvent<Name extends StoragePoolEventName> = EventOf<(typeof storagePoolEvents)[Name]['message']>;

export function storagePoolEvent(name: StoragePoolEventName, storagePool: RemoteStoragePool | null): EventSource {
  const { id, message } = storagePoolEvents[name];
  const { connectStoragePoolEventRegisterAny, connectStoragePoolEventDeregisterAny } = remote;
  return {
    key: `storage-pool ${name} ${storagePool?.uuid ?? 'of all'}`,
    message,
    register: (caller) => caller.call(connectStoragePoolEventRegisterAny, { eventID: id, pool: storagePool }),
    deregister: (caller, callbackID) => caller.call(connectStoragePoolEventDeregisterAny, { callbackID }),
  };
}
