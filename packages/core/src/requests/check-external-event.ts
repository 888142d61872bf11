import { z } from 'zod';
import type { ExternalEvent, ExternalEventName } from '../driver/index.js';
import { checkedRequest } from './checked-request.js';
import { uuid } from './fields.js';

const names: Readonly<Record<ExternalEventName, true>> = {
  'network-changed': true,
  'network-vif-plugged': true,
  'network-vif-unplugged': true,
  'network-vif-deleted': true,
  'volume-extended': true,
  'volume-reimaged': true,
  'power-update': true,
  'accelerator-request-bound': true,
};

const schema = z.looseObject(
  {
    name: z.enum(Object.keys(names) as ExternalEventName[], 'the name of an external event'),
    tag: z.string('text of at most 255 characters').max(255, 'text of at most 255 characters'),
    instanceUuid: uuid,
    status: z.enum(['completed', 'failed', 'in-progress'], 'completed, failed or in-progress'),
  },
  'an external event',
);

/** @throws ComputeError `INVALID_INPUT` */
export function checkExternalEvent(event: ExternalEvent): void {
  checkedRequest(schema, event);
}
