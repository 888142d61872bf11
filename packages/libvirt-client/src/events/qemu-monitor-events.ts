import * as qemu from '../procedures/qemu.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { EventOf, EventSource } from './event-source.js';

/** What QEMU's monitor has told: `event` is its name, `details` JSON, and the time is that of the host. */
export type QemuMonitorEvent = EventOf<typeof qemu.domainMonitorEvent>;

/** Which events of QEMU's monitor are wanted. */
export interface QemuMonitorEventFilter {
  readonly domain: RemoteDomain | null;
  /** A name, or with flags a pattern; `null` for all. */
  readonly event: string | null;
  readonly flags: number;
}

export function qemuMonitorEvent({ domain, event, flags }: QemuMonitorEventFilter): EventSource {
  return {
    key: `qemu monitor ${domain?.uuid ?? 'of all'} ${flags} ${event ?? ''}`,
    message: qemu.domainMonitorEvent,
    register: (caller) => caller.call(qemu.connectDomainMonitorEventRegister, { dom: domain, event, flags }),
    deregister: (caller, callbackID) => caller.call(qemu.connectDomainMonitorEventDeregister, { callbackID }),
  };
}
