import {
  ComputeError,
  computeErrors,
  isComputeError,
  type ComputeErrorCode,
  type ComputeErrorDetails,
  type ComputeErrorOptions,
} from '@virtkit/core/driver';
import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';
import type { CallFence } from './call-fence.js';

/** What was being done when something failed, in words a tenant may read. */
export interface FailedWork {
  /** The driver's method. */
  readonly operation: string;
  /** Left out for calls about the whole host. */
  readonly instanceUuid?: string;
  /** These have errors of their own. */
  readonly phase?: 'start' | 'plug' | 'check move' | 'move';
  /** Whether the call had changed anything by then. */
  readonly effect: 'none' | 'partial';
  /** Left out for calls that change no instance. */
  readonly fence?: CallFence;
}

/**
 * The one place where a foreign failure becomes a ComputeError. Its words go to the operator; of them the tenant reads
 * nothing. A ComputeError stays what it is.
 */
export function toComputeError(failure: unknown, work: FailedWork): ComputeError {
  if (isComputeError(failure)) return failure;
  const { instanceUuid } = work;
  const make = errorMaker(failure, work);
  if (failure instanceof FakeHypervisorError) {
    switch (failure.refusal) {
      case 'unreachable':
        return make('HYPERVISOR_UNAVAILABLE', {});
      case 'answer-lost':
        return make('OUTCOME_UNKNOWN', { operation: work.operation });
      case 'no-memory':
        return make('INSUFFICIENT_RESOURCES', { resource: 'memory' });
      case 'no-space':
        return make('INSUFFICIENT_RESOURCES', { resource: 'disk' });
      case 'no-guest':
        if (instanceUuid !== undefined) return make('INSTANCE_NOT_FOUND', { instanceUuid });
        break;
      case 'guest-exists':
        if (instanceUuid !== undefined) return make('INSTANCE_EXISTS', { instanceUuid });
        break;
      case 'cannot-start':
        if (instanceUuid !== undefined) return make('GUEST_START_FAILED', { instanceUuid, reason: failure.problem });
        break;
      case 'no-image':
      case 'bad-image': {
        const { imageId } = failure.about;
        if (imageId === undefined) break;
        if (failure.refusal === 'no-image') return make('IMAGE_NOT_FOUND', { imageId });
        return make('IMAGE_UNACCEPTABLE', { imageId, reason: 'damaged' });
      }
      case 'no-device': {
        const { device } = failure.about;
        if (instanceUuid !== undefined && device !== undefined)
          return make('DEVICE_NOT_FOUND', { instanceUuid, device });
        break;
      }
      case 'too-many-devices': {
        const { deviceCountMax } = failure.about;
        if (instanceUuid === undefined || deviceCountMax === undefined) break;
        return make('TOO_MANY_DEVICES', { instanceUuid, deviceCountMax });
      }
      case 'link-down':
        if (instanceUuid !== undefined && work.phase === 'check move') {
          return make('MIGRATION_REFUSED', { instanceUuid, reason: 'network' });
        }
        break;
      case 'no-migration':
        if (instanceUuid !== undefined) return make('NO_ACTIVE_MIGRATION', { instanceUuid });
        break;
      case 'no-agent':
        if (instanceUuid !== undefined) return make('AGENT_UNAVAILABLE', { instanceUuid });
        break;
      case 'no-console':
        if (instanceUuid !== undefined) return make('CONSOLE_UNAVAILABLE', { instanceUuid, console: 'running' });
        break;
      case 'older-epoch':
        return make('SESSION_LOST', {});
      case 'invalid-state':
      case 'busy':
      case 'refused':
        break;
    }
  }
  if (instanceUuid === undefined) return make('HYPERVISOR_UNAVAILABLE', {});
  if (work.phase === 'start') return make('GUEST_START_FAILED', { instanceUuid, reason: 'unspecified' });
  if (work.phase === 'move') return make('MIGRATION_FAILED', { instanceUuid });
  if (work.phase === 'plug') return make('VIF_PLUG_FAILED', { instanceUuid });
  return make('GUEST_OPERATION_FAILED', { instanceUuid, operation: work.operation });
}

/** A call that ended because its signal aborted. */
export function abortedError(reason: unknown, work: FailedWork): ComputeError {
  if (isComputeError(reason)) return reason;
  return new ComputeError('ABORTED', { operation: work.operation }, { cause: reason, effect: work.effect });
}

/** Another manager has the host: what the call has changed stays as it is, for that manager to settle. */
export function lostError(failure: unknown, { operation, effect, fence }: FailedWork): ComputeError {
  const isUntouched = effect === 'none' && fence?.effects !== 'some';
  if (isUntouched)
    return isComputeError(failure, 'SESSION_LOST') ? failure : new ComputeError('SESSION_LOST', {}, { cause: failure });
  return new ComputeError('OUTCOME_UNKNOWN', { operation }, { cause: failure });
}

function errorMaker(failure: unknown, { operation, phase, effect }: FailedWork) {
  return <Code extends ComputeErrorCode>(code: Code, details: ComputeErrorDetails[Code]): ComputeError => {
    const options: ComputeErrorOptions = {
      cause: failure,
      operator: { message: wordsOf(failure), operation, ...(phase && { phase }) },
      effect: effectOf(code, effect),
    };
    return new ComputeError(code, details, options);
  };
}

/** What the table says, made true for this call: nothing changed, or something did after all. */
function effectOf(code: ComputeErrorCode, changed: 'none' | 'partial'): ComputeErrorOptions['effect'] & string {
  const usual = computeErrors[code].effect;
  if (usual === 'unknown') return usual;
  return changed === 'none' ? 'none' : usual === 'none' ? 'partial' : usual;
}

/** Anything can be thrown, even what cannot be printed. */
function wordsOf(failure: unknown): string {
  try {
    return failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure);
  } catch {
    return 'a value that cannot be printed';
  }
}
