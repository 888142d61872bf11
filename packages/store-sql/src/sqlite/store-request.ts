import type { ComputeError, ComputeStore, HostSession, InstanceQuery } from '@virtkit/core/store';
import type { EncodedWrite } from '../sql/encoded-write.js';

/**
 * What the thread of the store's owner and the thread of its file say to each other. Records and queries are JSON texts in it, which
 * are cheap to copy; the database keeps these very texts.
 */
export type StoreRequest =
  | { readonly id: number; readonly method: 'commit'; readonly writes: readonly EncodedWrite[] }
  | { readonly id: number; readonly method: Exclude<StoreMethod, 'commit'>; readonly input: string };

/** The methods of the port, and three of our own. */
export type StoreMethod = keyof ComputeStore | OwnMethod;
export type OwnMethod = 'backup' | 'getProject' | 'listDamagedInstances';

/** The requests of one moment, and what time it was then if the owner keeps the clock. Crosses as JSON. */
export interface RequestBatch {
  readonly requests: readonly StoreRequest[];
  readonly nowMs?: number | undefined;
}

export type StoreAnswer =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly failure: EncodedFailure };

/** A ComputeError as it crosses. */
export interface EncodedFailure {
  readonly code: ComputeError['code'];
  readonly details: ComputeError['details'];
  readonly effect: ComputeError['effect'];
  /** For operators: what the database said. */
  readonly operator?: { readonly message: string; readonly sqliteCode?: number };
}

/** The worker's first message. */
export type Opening = { readonly opened: true } | { readonly failure: EncodedFailure };

export interface WorkerOptions {
  readonly path: string;
  readonly logMib: number;
}

/** A query for instances, and which of them are known to be damaged. */
export interface SoundQuery {
  readonly query: InstanceQuery;
  readonly damagedUuids: readonly string[];
}

export interface RenewRequest {
  readonly session: HostSession;
  readonly leaseMs: number;
}
