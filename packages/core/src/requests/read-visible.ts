import { ComputeError, isComputeError, operatorFactsOf, type CallOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { Access } from './access.js';

/**
 * Reads an instance for a caller. Other people's instances do not exist, those whose record is damaged included: the store says whose
 * they are.
 * @throws ComputeError `INSTANCE_NOT_FOUND`, `RECORD_DAMAGED`
 */
export async function readVisible(
  { records, access }: { readonly records: Records; readonly access: Access },
  context: RequestContext,
  instanceUuid: string,
  options?: CallOptions,
): Promise<Instance> {
  try {
    const instance = await records.store.getInstance(instanceUuid, options);
    access.checkVisible(context, instance);
    return instance;
  } catch (failure) {
    const isForeign =
      !access.allows(context, 'see every project') && operatorFactsOf(failure)['projectId'] !== context.projectId;
    if (isComputeError(failure, 'RECORD_DAMAGED') && isForeign) {
      throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid }, { cause: failure });
    }
    throw failure;
  }
}
