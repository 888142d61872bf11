import { randomUUID } from 'node:crypto';
import {
  addOperatorFacts,
  ComputeError,
  isComputeError,
  operatorFactsOf,
  suppress,
  suppressedFailuresOf,
  type ComputeErrorOptions,
  type OperatorFacts,
} from '@virtkit/core/driver';
import {
  ErrorDomain,
  ErrorNumber,
  LibvirtAbortError,
  LibvirtConnectionError,
  LibvirtError,
  LibvirtQueueFullError,
  LibvirtTimeoutError,
  procedures,
} from '@virtkit/libvirt-client';
import { CommandError } from './command-error.js';
import { hasChanged } from './has-changed.js';
import { startProblem } from './start-problem.js';

/** What was asked of the driver when something failed. */
export interface FailedCall {
  /** In words for a tenant: `power off`. */
  readonly operation: string;
  /** `start`: the call was to end with a running guest. `read`: it changes nothing. */
  readonly kind: 'read' | 'change' | 'start';
  /** `undefined` for calls that are about the host. */
  readonly instanceUuid: string | undefined;
  /** Whoever waited on it may have rejected with its reason, which may be anything. */
  readonly signal?: AbortSignal;
}

/**
 * Turns whatever a call has failed with into the ComputeError that leaves the driver. The only place where foreign
 * errors become ours: by code, by libvirt's error domain, by what was being done, and by one table of texts.
 *
 * What the failure carried (operator facts, suppressed failures) goes along; its own words become operator facts.
 */
export function translated(failure: unknown, call: FailedCall): ComputeError {
  const isAbort = call.signal?.aborted === true && failure === call.signal.reason;
  if (isComputeError(failure) && !isAbort) return failure;
  const make = isAbort ? aborted : asComputeError;
  const options = { cause: failure, operator: factsOf(failure) };
  const usual = make(failure, call, options);
  const isHarmless = usual.effect !== 'none' || !hasChanged(failure);
  const error = isHarmless ? usual : make(failure, call, { ...options, effect: 'partial' });
  addOperatorFacts(error, operatorFactsOf(failure));
  for (const { failure: secondary, during } of suppressedFailuresOf(failure)) suppress(error, secondary, during);
  return error;
}

function asComputeError(failure: unknown, call: FailedCall, options: ComputeErrorOptions): ComputeError {
  if (LibvirtError.is(failure)) return fromDaemon(failure, call, options);
  if (failure instanceof LibvirtAbortError) return aborted(failure, call, options);
  if (failure instanceof LibvirtQueueFullError) {
    return new ComputeError('QUEUE_FULL', { operation: call.operation, pendingMax: failure.queueMax }, options);
  }
  if (failure instanceof LibvirtConnectionError || failure instanceof LibvirtTimeoutError) {
    return failure.sent && !isRead(failure.procedure)
      ? answerLost(call, options)
      : new ComputeError('HYPERVISOR_UNAVAILABLE', {}, options);
  }
  if (failure instanceof CommandError) return fromCommand(failure, call, options);
  if (isFileFailure(failure)) return fromFile(failure, call, options);
  return new ComputeError('INTERNAL', { correlationId: randomUUID() }, options);
}

/** A question whose answer was lost has changed nothing: it may be asked again. */
function isRead(procedure: string | undefined): boolean {
  const { effect } = procedureFacts.get(procedure ?? '') ?? { effect: 'change' };
  return effect === 'read';
}

const procedureFacts: ReadonlyMap<string, { readonly effect: string }> = new Map(
  Object.values(procedures).flatMap((each) => ('effect' in each ? [[each.name, each]] : [])),
);

function answerLost(call: FailedCall, options: ComputeErrorOptions): ComputeError {
  if (call.kind === 'read') return new ComputeError('HYPERVISOR_UNAVAILABLE', {}, options);
  return new ComputeError('OUTCOME_UNKNOWN', { operation: call.operation }, options);
}

function aborted(failure: unknown, call: FailedCall, options: ComputeErrorOptions): ComputeError {
  const nothingSent = call.kind === 'read' || (failure instanceof LibvirtAbortError && !failure.sent);
  const effect = nothingSent ? { effect: 'none' as const } : {};
  return new ComputeError('ABORTED', { operation: call.operation }, { ...effect, ...options });
}

const { VIR_ERR_AGENT_UNRESPONSIVE, VIR_ERR_NO_DOMAIN, VIR_ERR_OPERATION_ABORTED } = ErrorNumber;
const transportDomains: readonly number[] = [ErrorDomain.VIR_FROM_RPC, ErrorDomain.VIR_FROM_REMOTE];

function fromDaemon(failure: LibvirtError, call: FailedCall, options: ComputeErrorOptions): ComputeError {
  // A daemon that forwards (virtproxyd) tells of its own lost connection; only one that was cut off while it waited for
  // the answer leaves the outcome open.
  if (transportDomains.includes(failure.domain)) {
    const cutOff = /end of file|connection reset|broken pipe/i.test(failure.rawMessage);
    return cutOff ? answerLost(call, options) : new ComputeError('HYPERVISOR_UNAVAILABLE', {}, options);
  }
  const { instanceUuid } = call;
  if (failure.code === VIR_ERR_OPERATION_ABORTED) return aborted(failure, call, options);
  if (instanceUuid === undefined) return new ComputeError('HYPERVISOR_UNAVAILABLE', {}, options);
  if (failure.code === VIR_ERR_NO_DOMAIN) return new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid }, options);
  if (failure.code === VIR_ERR_AGENT_UNRESPONSIVE) {
    return new ComputeError('AGENT_UNAVAILABLE', { instanceUuid }, options);
  }
  return call.kind === 'start'
    ? new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: startProblem(failure) }, options)
    : operationFailed(call, options);
}

function fromCommand(failure: CommandError, call: FailedCall, options: ComputeErrorOptions): ComputeError {
  if (failure.problem === 'aborted') return aborted(failure, call, options);
  if (/No space left on device/i.test(failure.stderr)) return noSpace(options);
  return fileTrouble(call, options);
}

function fromFile(failure: NodeJS.ErrnoException, call: FailedCall, options: ComputeErrorOptions): ComputeError {
  return failure.code === 'ENOSPC' || failure.code === 'EDQUOT' ? noSpace(options) : fileTrouble(call, options);
}

function noSpace(options: ComputeErrorOptions): ComputeError {
  return new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'disk' }, options);
}

/** The driver's own files are the disk and what lies beside it. */
function fileTrouble(call: FailedCall, options: ComputeErrorOptions): ComputeError {
  const { instanceUuid } = call;
  return call.kind === 'start' && instanceUuid !== undefined
    ? new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'disk' }, options)
    : operationFailed(call, options);
}

function operationFailed(call: FailedCall, options: ComputeErrorOptions): ComputeError {
  const { operation, instanceUuid } = call;
  if (instanceUuid === undefined) return new ComputeError('INTERNAL', { correlationId: randomUUID() }, options);
  const effect = call.kind === 'read' ? { effect: 'none' as const } : {};
  return new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid, operation }, { ...effect, ...options });
}

/** Everything that is known, for the operator. Plain data only. */
function factsOf(failure: unknown): OperatorFacts {
  if (LibvirtError.is(failure)) {
    const { rawMessage, codeName, domainName, procedure, int1 } = failure;
    return { message: rawMessage, libvirtCode: codeName, libvirtDomain: domainName, procedure, int1 };
  }
  if (failure instanceof CommandError) {
    return { message: failure.message, command: failure.command, stderr: failure.stderr };
  }
  return { message: failure instanceof Error ? failure.message : String(failure) };
}

function isFileFailure(failure: unknown): failure is NodeJS.ErrnoException {
  return failure instanceof Error && 'code' in failure && 'syscall' in failure;
}
