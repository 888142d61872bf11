/** Whom a request comes from. `service`: the compute service itself, as in recovery. `admin`: who looks after the service. */
export const roles = ['tenant', 'admin', 'service'] as const;

export type Role = (typeof roles)[number];

/** Exactly one of the known roles: no other spelling, no list of one. */
export function isRole(value: unknown): value is Role {
  return typeof value === 'string' && (roles as readonly string[]).includes(value);
}
