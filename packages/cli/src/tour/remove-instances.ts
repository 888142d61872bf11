import type { Compute } from '@virtkit/core';
import { operator } from './audience.js';

/**
 * Deletes what a tour that broke off has left, whatever is being done to it: a deletion cancels what is in its way.
 * @throws Error that names the first instance that could not be deleted
 */
export async function removeInstances({ api }: Compute): Promise<void> {
  for (const { uuid } of await api.list(operator())) {
    const { state, failure } = await (await api.delete(operator(), uuid)).finished;
    if (state !== 'succeeded') throw new Error(`instance ${uuid}: ${failure?.message ?? `its deletion is ${state}`}`);
  }
}
