import { isComputeError, type ComputeStore, type Instance } from '@virtkit/core';

export async function instanceIfKnown(store: ComputeStore, instanceUuid: string): Promise<Instance | undefined> {
  try {
    return await store.getInstance(instanceUuid);
  } catch (failure) {
    if (isComputeError(failure, 'INSTANCE_NOT_FOUND')) return undefined;
    throw failure;
  }
}
