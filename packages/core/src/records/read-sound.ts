import { isComputeError } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { Records } from './records.js';

/** `undefined` for an instance whose record is damaged: it is named and set aside elsewhere, and stops nobody. */
export async function readSound(instanceUuid: string, records: Records): Promise<Instance | undefined> {
  try {
    return await records.store.getInstance(instanceUuid);
  } catch (failure) {
    if (isComputeError(failure, 'RECORD_DAMAGED')) return undefined;
    throw failure;
  }
}
