import { ComputeError, type PowerState } from '@virtkit/core/driver';
import type { DriverCall } from './driver-call.js';

/** @throws ComputeError `INSTANCE_INVALID_STATE` unless the power state is one of those accepted */
export function mustBe(
  accepted: readonly PowerState[],
  actual: PowerState,
  { instanceUuid, operation }: Pick<DriverCall, 'instanceUuid' | 'operation'>,
): void {
  if (accepted.includes(actual)) return;
  throw new ComputeError('INSTANCE_INVALID_STATE', {
    instanceUuid,
    operation,
    attribute: 'power state',
    actual,
    accepted,
  });
}
