import type { Instance } from '../model/instance.js';
import type { OperationName } from '../model/operation-table.js';
import type { RequestContext } from '../model/request-context.js';
import type { Role } from '../model/role.js';

/**
 * What a caller may do.
 * - `change instances`: ask for what changes instances of the own project, creating them included.
 * - `see every project`: the instances and actions of all projects, and instances that are deleted.
 * - `administer`: what is for administrators, and everything of `OperatorApi`.
 * - `pass locks`: change an instance that is locked, and lock it so that its owner cannot unlock it.
 * - `name host resources`: describe images by the host's files and interfaces by the host's devices.
 */
export type Right = 'change instances' | 'see every project' | 'administer' | 'pass locks' | 'name host resources';

/** What a right is asked for, where that is known. */
export interface AccessSubject {
  readonly operation?: OperationName;
  readonly instance?: Instance;
}

/** Decides who may do what. Put in by an embedder who has rules beside the roles. */
export interface AccessPolicy {
  /**
   * Whether a caller has a right. Asked before anything is written, often several times for one request: it must answer at once, from memory.
   * Any answer but `true` is a refusal, and so is an error.
   */
  allows(context: RequestContext, right: Right, subject: AccessSubject): boolean;
}

const everything: readonly Right[] = [
  'change instances',
  'see every project',
  'administer',
  'pass locks',
  'name host resources',
];

const rights: Readonly<Record<Role, readonly Right[]>> = {
  reader: [],
  member: ['change instances'],
  tenant: ['change instances'],
  admin: everything,
  service: everything,
};

/** The default: rights by role, and none for a role that is not known. */
export const rolePolicy: AccessPolicy = {
  allows({ role }, right) {
    return Object.hasOwn(rights, role) && rights[role].includes(right);
  },
};
