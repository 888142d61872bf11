import { ComputeError, isComputeError, operatorFactsOf, type CallOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { ComputeStore } from '../store/compute-store.js';
import { accessPolicy } from './access-policy.js';

/**
 * Reads an instance for a caller. Other people's instances do not exist, those whose record is damaged included: the store says whose
 * they are.
 * @throws ComputeError `INSTANCE_NOT_FOUND`, `RECORD_DAMAGED`
 */
export async function readVisible(
  store: ComputeStore,
  context: RequestContext,
  instanceUuid: string,
  options?: CallOptions,
): Promise<Instance> {
  try {
    const instance = await store.getInstance(instanceUuid, options);
    accessPolicy.checkVisible(context, instance);
    return instance;
  } catch (failure) {
    const isForeign =
      !accessPolicy.allows(context, 'see every project') && operatorFactsOf(failure)['projectId'] !== context.projectId;
    if (isComputeError(failure, 'RECORD_DAMAGED') && isForeign) {
      throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid }, { cause: failure });
    }
    throw failure;
  }
}
