import type { ComputeErrorCode, TenantFailure } from '../driver/index.js';

/** What went wrong with an instance, once per failure. Every fault is kept. */
export interface InstanceFault {
  readonly uuid: string;
  readonly instanceUuid: string;
  readonly actionUuid: string | null;
  readonly requestId: string | null;
  readonly code: ComputeErrorCode;
  /** The public text, fixed by the code. */
  readonly message: string;
  readonly occurredAtMs: number;
  /** For operators only. */
  readonly operator: OperatorFaultDetails;
}

export interface OperatorFaultDetails {
  readonly host: string;
  /** The failure and its causes, outermost first. */
  readonly failures: readonly OperatorFailure[];
}

/** A failure in the words of whoever failed. Hypervisor text, paths and host names stand here; secrets do not. */
export interface OperatorFailure {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  /** What the thrower added: libvirt's code, the domain XML, a path. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** What failed while this one was handled. */
  readonly suppressed: readonly { readonly during: string; readonly failure: OperatorFailure }[];
}

/** A fault as its tenant reads it. */
export interface TenantFault extends TenantFailure {
  readonly occurredAtMs: number;
}

export function tenantFault({ code, message, occurredAtMs }: InstanceFault): TenantFault {
  return { code, message, occurredAtMs };
}
