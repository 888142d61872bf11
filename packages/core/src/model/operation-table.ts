import { deviceOperations } from './operations/devices.js';
import { guestOperations } from './operations/guest.js';
import { imageOperations } from './operations/images.js';
import { lifecycleOperations } from './operations/lifecycle.js';
import { moveOperations } from './operations/moves.js';
import type { Operation } from './operations/operation.js';
import { powerOperations } from './operations/power.js';
import { repairOperations } from './operations/repair.js';

const rows = {
  ...lifecycleOperations,
  ...powerOperations,
  ...repairOperations,
  ...imageOperations,
  ...moveOperations,
  ...deviceOperations,
  ...guestOperations,
};

export type OperationName = keyof typeof rows;

/**
 * Every operation on an instance: from where it starts, what it passes, where it ends, what it asks of drivers, how a cut-off one
 * is settled. Gating, the manager, recovery, the tests and the tables and diagrams of the documentation are drawn from this one.
 */
export const operations: Readonly<Record<OperationName, Operation>> = rows;

export const operationNames = Object.keys(operations) as readonly OperationName[];
