import { z } from 'zod';
import type { CallOptions } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import { vmStates, type VmState } from '../model/vm-state.js';
import { callFields, uuid, whole } from '../requests/fields.js';

/** A deleted instance does not exist for its tenant any more. */
const listedStates = vmStates.filter((state) => state !== 'deleted');

/** Nobody reads more at once. */
const LIST_COUNT_MAX = 10_000;
export const listOptions = knownFields(
  {
    ...callFields,
    vmState: z.array(z.enum(listedStates, listedStates.join(', ')), 'a list of vm states').optional(),
    after: uuid.optional(),
    limit: whole(1, LIST_COUNT_MAX).optional(),
  },
  'an object of options',
).optional();

/** Which instances a list has, in the order of their uuids. */
export interface ListOptions extends CallOptions {
  /** Only those in one of these states. Deleted instances are in no tenant's list. */
  readonly vmState?: readonly Exclude<VmState, 'deleted'>[];
  /** Only those after the instance of this uuid, which need not exist any more. */
  readonly after?: string;
  /** At most so many, up to 10,000. Left out: all. */
  readonly limit?: number;
}
