import type { AcceptedAction, TenantAction } from '@virtkit/core';
import { expect } from 'vitest';
import type { FakeCompute } from './fake-compute.js';
import { brokenPromises, type SettledOperation } from './promises.js';
import type { NotHere } from './promises/promise-list.js';
import { ended } from './running-instance.js';

/** The action at its end, with every promise of the list kept. `notHere`: which cannot be looked at where the test stands, and why. */
export async function endedAsPromised(
  fake: FakeCompute & SettledOperation['fake'],
  accepting: Promise<AcceptedAction>,
  { planted = 'nothing', ...notHere }: NotHere & Partial<Pick<SettledOperation, 'planted'>> = {},
): Promise<TenantAction> {
  const action = await ended(fake, accepting);
  const { instanceUuid } = action;
  expect(await brokenPromises({ fake, instanceUuid, action, planted, lostWrites: 'none' }, notHere)).toEqual([]);
  return action;
}
