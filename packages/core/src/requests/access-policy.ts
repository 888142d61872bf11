import { ComputeError } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { Operation } from '../model/operations/operation.js';
import type { RequestContext } from '../model/request-context.js';
import type { Role } from '../model/role.js';

/**
 * What a caller may do beside what everybody may do with the instances of the own project:
 * - `see every project`: the instances and actions of all projects, and instances that are deleted.
 * - `administer`: what is for administrators, and everything of `OperatorApi`.
 * - `pass locks`: change an instance that is locked, and lock it so that its owner cannot unlock it.
 * - `name host resources`: describe images by the host's files and interfaces by the host's devices.
 */
type Right = 'see every project' | 'administer' | 'pass locks' | 'name host resources';

/** Decides who may do what. Whatever it does not know is refused. */
export interface AccessPolicy {
  /**
   * Whether a caller may ask for an operation of an instance. Instances of other projects do not exist for it.
   * @throws ComputeError `INSTANCE_NOT_FOUND`, `FORBIDDEN`, `INSTANCE_LOCKED`
   */
  check(context: RequestContext, operation: Operation, instance: Instance): void;

  /** Whether a caller has a right. */
  allows(context: RequestContext, right: Right): boolean;

  /** @throws ComputeError `FORBIDDEN` without the right; `doing` completes "Only an administrator can … instances" */
  require(context: RequestContext, right: Right, doing: string): void;

  /** @throws ComputeError `INSTANCE_NOT_FOUND` for an instance of another project, and for a deleted one */
  checkVisible(context: RequestContext, instance: Instance): void;
}

/** Who has which right. Nobody else decides by the role. */
const rights: Readonly<Record<Role, readonly Right[]>> = {
  tenant: [],
  admin: ['see every project', 'administer', 'pass locks', 'name host resources'],
  service: ['see every project', 'administer', 'pass locks', 'name host resources'],
};

export const accessPolicy: AccessPolicy = {
  check(context, { who, lock, verb }, instance) {
    this.checkVisible(context, instance);
    if (who === 'admin') this.require(context, 'administer', verb);
    if (instance.locked !== 'unlocked' && lock === 'heeds' && !this.allows(context, 'pass locks')) {
      throw new ComputeError('INSTANCE_LOCKED', { instanceUuid: instance.uuid, operation: verb });
    }
  },

  allows({ role }, right) {
    return Object.hasOwn(rights, role) && rights[role].includes(right);
  },

  require(context, right, doing) {
    if (!this.allows(context, right)) throw new ComputeError('FORBIDDEN', { operation: doing });
  },

  checkVisible(context, { uuid, projectId, vmState }) {
    if (this.allows(context, 'see every project')) return;
    if (context.projectId === projectId && vmState !== 'deleted') return;
    throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
  },
};
