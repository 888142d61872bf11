import { DomainJobType } from '../constants/enumerations.gen.js';
import type { TypedValues } from '../wire/typed-values.js';

/** How far a domain's job is (virDomainGetJobStats). What the daemon does not tell is missing. */
export interface JobStats {
  /** A value of DomainJobType; 0 when there is no job. */
  readonly type: number;
  readonly elapsedMs?: number;
  /** Only for jobs whose end can be foreseen. */
  readonly remainingMs?: number;
  /** How long the guest stands still: expected, and at the end what it was. */
  readonly downtimeMs?: number;
  readonly dataTotalBytes?: bigint;
  readonly dataProcessedBytes?: bigint;
  readonly dataRemainingBytes?: bigint;
  readonly memoryTotalBytes?: bigint;
  readonly memoryProcessedBytes?: bigint;
  readonly memoryRemainingBytes?: bigint;
  readonly memoryBytesPerSecond?: bigint;
  /** How often the guest's memory was gone through. */
  readonly memoryIteration?: bigint;
  readonly diskTotalBytes?: bigint;
  readonly diskProcessedBytes?: bigint;
  readonly diskRemainingBytes?: bigint;
  readonly errorMessage?: string;
  /** All of it, under libvirt's names. */
  readonly parameters: TypedValues;
}

const times = { elapsedMs: 'time_elapsed', remainingMs: 'time_remaining', downtimeMs: 'downtime' } as const;
const amounts = {
  dataTotalBytes: 'data_total',
  dataProcessedBytes: 'data_processed',
  dataRemainingBytes: 'data_remaining',
  memoryTotalBytes: 'memory_total',
  memoryProcessedBytes: 'memory_processed',
  memoryRemainingBytes: 'memory_remaining',
  memoryBytesPerSecond: 'memory_bps',
  memoryIteration: 'memory_iteration',
  diskTotalBytes: 'disk_total',
  diskProcessedBytes: 'disk_processed',
  diskRemainingBytes: 'disk_remaining',
} as const;

/** Gives the answer of `domain.getJobStats` names and units. */
export function readJobStats(answer: { readonly type: number; readonly params: TypedValues }): JobStats {
  const values = new Map(Object.entries(answer.params));
  const found: Record<string, number | bigint | string> = {};
  for (const [name, field] of Object.entries(times)) {
    const value = values.get(field);
    if (value !== undefined) found[name] = Number(value);
  }
  for (const [name, field] of Object.entries(amounts)) {
    const value = values.get(field);
    if (typeof value === 'bigint') found[name] = value;
  }
  const message = values.get('errmsg');
  if (typeof message === 'string') found['errorMessage'] = message;
  return { ...found, type: answer.type, parameters: answer.params };
}

/** There is a job, and it goes on. */
export function isJobUnderWay({ type }: Pick<JobStats, 'type'>): boolean {
  return type === DomainJobType.VIR_DOMAIN_JOB_BOUNDED || type === DomainJobType.VIR_DOMAIN_JOB_UNBOUNDED;
}
