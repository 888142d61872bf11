import { setTimeout as sleep } from 'node:timers/promises';
import { DomainMigrateFlags } from '../constants/enumerations.gen.js';
import { LibvirtTimeoutError } from '../errors/call-errors.js';
import type { MigrationUndoing } from './migration-error.js';
import type { Cookie, MigrationSource } from './migration-ends.js';
import type { MigrationPlan } from './migration-plan.js';
import { attempt, type StepOutcome } from './step-outcome.js';

/**
 * Sends the guest, and tells how far it is. When `giveUp` is aborted, the source is told to stop, and its answer is waited
 * for: it alone knows whether it has stopped in time. Never rejects.
 */
export async function performUnlessGivenUp(
  source: MigrationSource,
  perform: () => Promise<Cookie>,
  plan: MigrationPlan,
  giveUp: AbortSignal,
): Promise<{ readonly outcome: StepOutcome<Cookie>; readonly abort: MigrationUndoing | undefined }> {
  const over = new AbortController();
  const performing = attempt(perform).finally(() => over.abort());
  const telling = tellProgress(source, plan, over.signal);
  const aborting = abortJob(source, plan, giveUp, over.signal);
  const waiting = giveUpWaiting(plan, giveUp, over.signal);
  const outcome = await Promise.race([performing, waiting.then((givenUp) => givenUp ?? performing)]);
  over.abort();
  await telling;
  return { outcome, abort: await aborting };
}

async function tellProgress(source: MigrationSource, plan: MigrationPlan, over: AbortSignal): Promise<void> {
  const { onProgress, progressIntervalMs } = plan;
  if (onProgress === undefined) return;
  while (await pause(progressIntervalMs, over)) {
    const stats = await attempt(() => source.getJobStats());
    // A job that cannot be asked about is none to tell of: whatever is wrong, performing will say so.
    if (stats.how === 'done' && !over.aborted) onProgress(stats.value);
  }
}

/** Tells the source to stop until it heeds: before the job has quite begun, and in some moments of it, it does not. */
async function abortJob(
  source: MigrationSource,
  plan: MigrationPlan,
  giveUp: AbortSignal,
  over: AbortSignal,
): Promise<MigrationUndoing | undefined> {
  if (!(await aborted(giveUp, over))) return undefined;
  for (;;) {
    const outcome = await attempt(() => source.abortJob());
    if (outcome.how === 'done') return { step: 'abort job', side: 'source', how: 'done' };
    if (outcome.how !== 'refused' || !(await pause(plan.pollIntervalMs, over))) {
      return { step: 'abort job', side: 'source', how: outcome.how, error: outcome.error };
    }
  }
}

/**
 * Resolves to a lost answer when the source does not heed. A migration in post-copy cannot be stopped without losing the
 * guest, so that one is waited for as long as the connection lives.
 */
async function giveUpWaiting(
  plan: MigrationPlan,
  giveUp: AbortSignal,
  over: AbortSignal,
): Promise<StepOutcome<Cookie> | undefined> {
  const canBeStopped = (plan.flags & DomainMigrateFlags.VIR_MIGRATE_POSTCOPY) === 0;
  if (!canBeStopped || !(await aborted(giveUp, over)) || !(await pause(plan.stepTimeoutMs, over))) return undefined;
  return { how: 'lost', error: new LibvirtTimeoutError('domainMigratePerform3Params', plan.stepTimeoutMs, true) };
}

/** Resolves to whether the one was aborted before the other. */
async function aborted(signal: AbortSignal, before: AbortSignal): Promise<boolean> {
  if (signal.aborted) return true;
  const either = AbortSignal.any([signal, before]);
  if (!either.aborted) await new Promise((resolve) => either.addEventListener('abort', resolve, { once: true }));
  return signal.aborted;
}

/** Resolves to whether the pause came to its end. */
async function pause(durationMs: number, over: AbortSignal): Promise<boolean> {
  return sleep(durationMs, true, { signal: over }).catch(() => false);
}
