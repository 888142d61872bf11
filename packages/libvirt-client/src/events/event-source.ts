import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import { typedValues, type TypedValues } from '../wire/typed-values.js';
import type { EventMessage } from '../procedures/procedure.js';
import type { TypedParameter } from '../wire/typed-parameter-codec.js';

/** Where events come from: what has to be asked for, and the message that then brings them. */
export interface EventSource {
  /** The same for two sources of the same events: the daemon refuses to tell one client twice. */
  readonly key: string;
  readonly message: EventMessage<EventPayload>;
  register(caller: ProcedureCaller): Promise<{ readonly callbackID: number }>;
  deregister(caller: ProcedureCaller, callbackID: number): Promise<unknown>;
}

export interface EventPayload {
  readonly callbackID: number;
  readonly msg?: object;
  readonly params?: readonly TypedParameter[];
}

/**
 * What a subscriber sees of a message. Messages say the same in two shapes, with their content at the top or under
 * `msg`; a subscriber sees only one. Typed parameters come by name.
 */
export type EventOf<Message> =
  Message extends EventMessage<infer Payload>
    ? Omit<Payload, 'callbackID' | 'msg' | 'params'> &
        (Payload extends { readonly msg: infer Content } ? Content : unknown) &
        (Payload extends { readonly params: unknown } ? { readonly params: TypedValues } : unknown)
    : never;

export function eventOf({ msg, params, ...rest }: Omit<EventPayload, 'callbackID'>): object {
  return params === undefined ? { ...rest, ...msg } : { ...rest, ...msg, params: typedValues(params) };
}
