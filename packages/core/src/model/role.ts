/**
 * Whom a request comes from. A `reader` sees the instances of its project, a `member` changes them too; `tenant` is an older name of `member`.
 * `admin`: who looks after the service. `service`: the compute service itself, as in recovery.
 */
export const roles = ['reader', 'member', 'tenant', 'admin', 'service'] as const;

export type Role = (typeof roles)[number];

/** Exactly one of the known roles: no other spelling, no list of one. */
export function isRole(value: unknown): value is Role {
  return typeof value === 'string' && (roles as readonly string[]).includes(value);
}
