import type { AcceptedAction, Compute, TenantAction, Notification, TenantFault, TenantInstance } from '@virtkit/core';
import type { Column } from '../screen/columns.js';
import { printable } from '../screen/printable.js';
import { tenant } from './audience.js';
import { statesOf, type StepRecord } from './step-record.js';

/** All that a tenant can learn of a failed request, from whatever is open to tenants. */
export interface TenantReading {
  readonly instance: TenantInstance;
  readonly listed: readonly TenantInstance[];
  readonly actions: readonly TenantAction[];
  readonly faults: readonly TenantFault[];
  /** What the request was answered with, at once and when it had finished. */
  readonly answers: readonly unknown[];
  /** The part of each notification that may be sent on to tenants. */
  readonly payloads: readonly Notification['payload'][];
}

export async function readAsTenant(
  { api }: Compute,
  accepted: AcceptedAction,
  { action, notifications }: StepRecord,
): Promise<TenantReading> {
  const { instanceUuid } = action;
  return {
    instance: await api.get(tenant(), instanceUuid),
    listed: await api.list(tenant()),
    actions: await api.listActions(tenant(), instanceUuid),
    faults: await api.listFaults(tenant(), instanceUuid),
    answers: [accepted.action, accepted.instance, action],
    payloads: notifications.map(({ payload }) => payload),
  };
}

export function tenantColumn({ instance, faults, payloads }: TenantReading): Column {
  const [fault] = faults;
  const told = payloads.at(-1)?.failure;
  return {
    heading: 'What the tenant sees',
    blocks: [
      {
        label: 'Fault',
        lines: fault ? [{ text: fault.code, tone: 'bad' }, { text: fault.message }] : [{ text: 'none' }],
      },
      {
        label: 'Instance',
        lines: [
          { text: statesOf(instance) },
          { text: `name ${printable(instance.name)}, flavor ${printable(instance.flavor.name)}` },
          { text: `image ${printable(instance.image.name)}` },
        ],
      },
      { label: 'Notification', lines: [{ text: told ? `${told.code}, and the same text` : 'none' }] },
    ],
  };
}
