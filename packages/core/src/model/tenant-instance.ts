import type { Instance } from './instance.js';

/** An instance as its tenant reads it: nothing of the host, no path, no other record's key. */
export type TenantInstance = Pick<
  Instance,
  | 'uuid'
  | 'name'
  | 'projectId'
  | 'userId'
  | 'vmState'
  | 'taskState'
  | 'powerState'
  | 'locked'
  | 'lockedReason'
  | 'flavor'
  | 'metadata'
  | 'createdAtMs'
  | 'updatedAtMs'
  | 'launchedAtMs'
  | 'terminatedAtMs'
> & {
  readonly image: { readonly id: string; readonly name: string };
  readonly networkInterfaces: readonly { readonly id: string; readonly macAddress: string }[];
  readonly volumes: readonly { readonly id: string }[];
};

/** Every field is named: what is added to an instance later is not shown to tenants by accident. */
export function tenantInstance(instance: Instance): TenantInstance {
  const { uuid, name, projectId, userId, vmState, taskState, powerState, locked, flavor, metadata } = instance;
  const { createdAtMs, updatedAtMs, launchedAtMs, terminatedAtMs } = instance;
  return {
    uuid,
    name,
    projectId,
    userId,
    vmState,
    taskState,
    powerState,
    locked,
    lockedReason: instance.lockedReason,
    flavor,
    metadata,
    createdAtMs,
    updatedAtMs,
    launchedAtMs,
    terminatedAtMs,
    image: { id: instance.image.id, name: instance.image.name },
    networkInterfaces: instance.networkInterfaces.map(({ id, macAddress }) => ({ id, macAddress })),
    volumes: instance.blockDevices.map(({ id }) => ({ id })),
  };
}
