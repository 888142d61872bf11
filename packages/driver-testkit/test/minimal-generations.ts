import { ComputeError, type CallOptions, type GuestRequest } from '@virtkit/core/driver';
import { toAnother } from '../src/rules/lifted-method.js';
import { liftedMethods } from '../src/rules/lifted-methods.js';
import type { MinimalDriver } from './minimal-driver.js';

type AboutGuest = (request: GuestRequest, options?: CallOptions) => Promise<unknown>;

/** The one place where the minimal driver compares generations, but for `spawn` and `destroy`. */
export function compareGenerations(driver: MinimalDriver): void {
  const methods = driver as unknown as Record<string, AboutGuest>;
  for (const lifted of liftedMethods) {
    const answer = toAnother(lifted);
    const right = methods[lifted.name]?.bind(driver);
    if (answer === 'does not compare' || right === undefined) continue;
    methods[lifted.name] = async (request, options) => {
      const { instance } = request;
      const begins = driver.isOpen && !options?.signal?.aborted;
      if (!begins || !driver.isGuestOfAnother(instance)) return await right(request, options);
      if (answer === 'success') return undefined;
      throw new ComputeError(answer, { instanceUuid: instance.uuid });
    };
  }
}
