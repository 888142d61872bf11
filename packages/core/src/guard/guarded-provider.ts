import { redact } from '@virtkit/decorators';
import {
  ComputeError,
  isComputeError,
  printed,
  type Clock,
  type DriverFence,
  type DriverLog,
} from '../driver/index.js';
import type { CallOptions } from '../providers/call-options.js';
import { checkedAnswer, refusedAnswer } from './checked-answer.js';
import { FencedEntry } from './fenced-entry.js';
import { fittingFailure } from './fitting-failure.js';
import { computeErrorFrom } from './foreign-failure.js';
import type { ImageProvider } from '../providers/image-provider.js';
import type { NetworkProvider } from '../providers/network-provider.js';
import type { VolumeProvider } from '../providers/volume-provider.js';
import { callSignal } from './last-moment.js';
import { providerAnswers, type ProviderPort } from './provider-answer-table.js';
import { settleWithin } from './settle.js';

export interface ProviderGuardOptions {
  /** Which of the ports it is, also in sentences for operators. */
  readonly name: ProviderPort;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** The host in whose name calls are made. */
  readonly host: string;
  /** Asked before each call that changes something; reads do not ask. */
  readonly fence: DriverFence;
  /** When a call is aborted, in milliseconds. Default 600,000: a checksum of a large image takes minutes. */
  readonly timeoutMs?: number;
  /** Aborted at the last moment of this process: from then on no call begins. */
  readonly lastMoment?: AbortSignal;
}

/** How long an aborted call may take to settle before it is given up, in milliseconds. */
const GRACE_MS = 10_000;

/** What only reads. Every other method, known here or not, changes something. */
const reads: readonly string[] = [
  'getImage',
  'listImages',
  'listUnfinishedImages',
  'interfacesOf',
  'checkRequests',
  'getVolume',
  'volumesOf',
] satisfies readonly (keyof ImageProvider | keyof NetworkProvider | keyof VolumeProvider)[];

/**
 * Puts the rules of the provider ports around a provider: every call settles, nothing but a ComputeError leaves, a change passes the fence
 * first, and every call says in whose name it is made. Its methods take their options last.
 */
export function guardProvider<Provider extends object>(provider: Provider, options: ProviderGuardOptions): Provider {
  return new Proxy(provider, {
    get: (target, method) => {
      const member: unknown = Reflect.get(target, method);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => settled(target, String(method), member as Call, args, options);
    },
  });
}

type Call = (...args: unknown[]) => Promise<unknown>;

async function settled(
  provider: object,
  method: string,
  call: Call,
  args: unknown[],
  { name, host, clock, log, fence, lastMoment, timeoutMs = 600_000 }: ProviderGuardOptions,
): Promise<unknown> {
  const given = hasOptions(args) ? (args.at(-1) as CallOptions) : {};
  const before = hasOptions(args) ? args.slice(0, -1) : args;
  const operation = `${name}.${method}`;
  const entry = new FencedEntry(reads.includes(method) ? undefined : fence);
  const leader = { host, epoch: fence.epoch };
  if (lastMoment?.aborted) throw new ComputeError('MANAGER_CLOSED', { operation });
  using last = callSignal(lastMoment, given.signal);
  const { settled: end, aborted } = await settleWithin(
    { clock, timeoutMs, graceMs: GRACE_MS, signal: last.signal },
    (signal) => entry.enter(signal, () => call.call(provider, ...before, { ...given, signal, leader })),
  );
  if (!entry.hasBegun) throw entry.refusal(aborted, last.signal?.reason, operation);
  if (end === 'never') {
    log.error({ operation, aborted, timeoutMs }, 'a provider call did not settle and was given up');
    throw new ComputeError('OUTCOME_UNKNOWN', { operation });
  }
  if (end.status === 'fulfilled') {
    const answer = checkedAnswer(providerAnswers[name], method, end.value);
    if (answer !== refusedAnswer) return answer;
    log.error({ operation, answered: printed(end.value), answer: redact(end.value) }, 'provider answer refused');
    throw computeErrorFrom(new TypeError(`the provider answered ${operation} with what the contract does not know`));
  }
  const { reason } = end;
  // A provider may throw what it was aborted with: that is our own.
  if (isComputeError(reason) && reason === last.signal?.reason) throw reason;
  if (isComputeError(reason) && (reason.code !== 'ABORTED' || aborted === undefined))
    throw fittingFailure(reason, { method: operation, args: before });
  if (aborted === 'by deadline')
    throw new ComputeError('DEADLINE_EXCEEDED', { operation, timeoutMs }, { cause: reason });
  if (aborted === 'by caller') {
    const asked: unknown = last.signal?.reason;
    if (isComputeError(asked, 'SESSION_LOST'))
      throw new ComputeError('OUTCOME_UNKNOWN', { operation }, { cause: reason });
    throw isComputeError(asked) ? asked : new ComputeError('ABORTED', { operation }, { cause: reason });
  }
  throw computeErrorFrom(reason);
}

/** Callers in the manager always give a signal, by which options are told from other objects. */
function hasOptions(args: readonly unknown[]): boolean {
  const last = args.at(-1);
  return typeof last === 'object' && last !== null && 'signal' in last && last.signal instanceof AbortSignal;
}
