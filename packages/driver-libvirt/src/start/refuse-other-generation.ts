import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';

/**
 * A spawn goes on with what an earlier one of its own generation has left, and with nothing else. Without a generation nothing is its own.
 * @throws ComputeError `INSTANCE_EXISTS`
 */
export function refuseOtherGeneration({ uuid, generation }: InstanceSpec, found: string | null | undefined): void {
  if (typeof generation === 'string' && found === generation) return;
  const operator = { message: 'what is there is of another generation', generation: found };
  throw new ComputeError('INSTANCE_EXISTS', { instanceUuid: uuid }, { operator });
}
