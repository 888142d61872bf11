import type { VolumeProblem } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/providers';

export function unavailableVolume(volumeId: string, reason: VolumeProblem, message: string): ComputeError {
  return new ComputeError('VOLUME_UNAVAILABLE', { volumeId, reason }, { operator: { message } });
}
