import * as qemu from '../procedures/qemu.gen.js';
import { domainEvents } from './domain-events.js';
import type { EventSource } from './event-source.js';
import { networkEvents } from './network-events.js';
import { nodeDeviceEvents } from './node-device-events.js';
import { secretEvents } from './secret-events.js';
import { storagePoolEvents } from './storage-pool-events.js';

const kinds: readonly { readonly message: EventSource['message'] }[] = [
  ...Object.values(domainEvents),
  ...Object.values(networkEvents),
  ...Object.values(storagePoolEvents),
  ...Object.values(nodeDeviceEvents),
  ...Object.values(secretEvents),
  { message: qemu.domainMonitorEvent },
];

/** Every message that brings an event which can be asked for, by `messageKey`. */
export const eventMessages: ReadonlyMap<string, EventSource['message']> = new Map(
  kinds.map(({ message }) => [messageKey(message.program.number, message.number), message]),
);

export function messageKey(program: number, procedure: number): string {
  return `${program}:${procedure}`;
}
