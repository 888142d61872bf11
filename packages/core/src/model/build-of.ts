import type { InstanceBuild, VolumeHolder } from '../providers/volume-provider.js';
import type { Instance } from './instance.js';

/** The instance as providers know it. */
export function buildOf({ uuid: instanceUuid, buildUuid }: Pick<Instance, 'uuid' | 'buildUuid'>): InstanceBuild {
  return { instanceUuid, ...(buildUuid !== undefined && { buildUuid }) };
}

/** The instance as the holder of a volume, under a reservation where it has a name. */
export function holderOf(
  instance: Pick<Instance, 'uuid' | 'buildUuid' | 'projectId'>,
  reservationId: string | undefined,
): VolumeHolder {
  const { projectId } = instance;
  return { ...buildOf(instance), projectId, ...(reservationId !== undefined && { reservationId }) };
}
