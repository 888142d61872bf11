import { SecretEventID } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteSecret } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

export const secretEvents = {
  lifecycle: { id: SecretEventID.VIR_SECRET_EVENT_ID_LIFECYCLE, message: remote.secretEventLifecycle },
  valueChanged: { id: SecretEventID.VIR_SECRET_EVENT_ID_VALUE_CHANGED, message: remote.secretEventValueChanged },
} as const;

export type SecretEventName = keyof typeof secretEvents;

/** What an event tells: always `secret`, and whatever belongs to its kind. */
export type SecretEvent<Name extends SecretEventName> = EventOf<(typeof secretEvents)[Name]['message']>;

export function secretEvent(name: SecretEventName, secret: RemoteSecret | null): EventSource {
  const { id, message } = secretEvents[name];
  const { connectSecretEventRegisterAny, connectSecretEventDeregisterAny } = remote;
  return {
    key: `secret ${name} ${secret?.uuid ?? 'of all'}`,
    message,
    register: (caller) => caller.call(connectSecretEventRegisterAny, { eventID: id, secret: secret }),
    deregister: (caller, callbackID) => caller.call(connectSecretEventDeregisterAny, { callbackID }),
  };
}
