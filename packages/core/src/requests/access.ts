import { ComputeError, type DriverLog } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import { operations, type OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { AccessPolicy, AccessSubject, Right } from './access-policy.js';

export interface AccessDeps {
  readonly policy: AccessPolicy;
  readonly log: DriverLog;
}

/** What the access policy's answers mean for a request. Nobody else decides who may do what. */
export class Access {
  readonly #deps: AccessDeps;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Fails closed: a policy that throws, or answers anything but `true`, refuses. */
  allows(context: RequestContext, right: Right, subject: AccessSubject = {}): boolean {
    const { policy, log } = this.#deps;
    try {
      return (policy.allows(context, right, subject) as unknown) === true;
    } catch (failure) {
      log.error({ err: failure, right, requestId: context.requestId }, 'access policy failed');
      return false;
    }
  }

  /** @throws ComputeError `FORBIDDEN` without the right; `doing` completes "… instances" */
  require(context: RequestContext, right: Right, doing: string, subject?: AccessSubject): void {
    if (!this.allows(context, right, subject)) throw new ComputeError('FORBIDDEN', { operation: doing });
  }

  /**
   * Whether a caller may ask for an operation of an instance. Instances of other projects do not exist for it.
   * @throws ComputeError `INSTANCE_NOT_FOUND`, `FORBIDDEN`, `INSTANCE_LOCKED`
   */
  check(context: RequestContext, operation: OperationName, instance: Instance): void {
    const { who, lock, verb } = operations[operation];
    const subject = { operation, instance };
    this.checkVisible(context, instance);
    this.require(context, 'change instances', verb, subject);
    if (who === 'admin') this.require(context, 'administer', verb, subject);
    if (instance.locked !== 'unlocked' && lock === 'heeds' && !this.allows(context, 'pass locks', subject)) {
      throw new ComputeError('INSTANCE_LOCKED', { instanceUuid: instance.uuid, operation: verb });
    }
  }

  /** @throws ComputeError `INSTANCE_NOT_FOUND` for an instance of another project, and for a deleted one */
  checkVisible(context: RequestContext, instance: Instance): void {
    const { uuid: instanceUuid, projectId, vmState } = instance;
    if (this.allows(context, 'see every project', { instance })) return;
    if (context.projectId === projectId && vmState !== 'deleted') return;
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid });
  }
}
