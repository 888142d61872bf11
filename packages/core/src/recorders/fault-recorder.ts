import type { Faults, InstanceFault as FailedCall } from '@virtkit/decorators';
import type { InstanceFault } from '../model/instance-fault.js';
import { newRecordUuid } from '../model/new-record-uuid.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import { operatorFailuresOf } from './operator-failure.js';
import { tenantFailureOf } from './tenant-failure.js';

/** Writes what went wrong with an instance: the public part and the operator's, apart. */
export class FaultRecorder implements Faults {
  readonly #records: Records;

  constructor({ records }: { readonly records: Records }) {
    this.#records = records;
  }

  async record(call: FailedCall): Promise<void> {
    const context = call.context as RequestContext | undefined;
    await this.#records.stage(context, [{ write: 'put-fault', fault: faultOf(call) }]);
  }
}

/** The fault of a failed call, with a new uuid. */
export function faultOf({ instance, context, failure, host, occurredAtMs }: FailedCall): InstanceFault {
  return {
    uuid: newRecordUuid(),
    instanceUuid: instance.uuid,
    actionUuid: (context as RequestContext | undefined)?.actionUuid ?? null,
    requestId: context?.requestId ?? null,
    ...tenantFailureOf(failure),
    occurredAtMs,
    operator: { host, failures: operatorFailuresOf(failure) },
  };
}
