import { isComputeError } from '@virtkit/core/store';
import { encodeFailure } from './encode-failure.js';
import { handle, isChange, type RequestGround } from './request-handlers.js';
import type { StoreAnswer, StoreRequest } from './store-request.js';

export interface GroupOptions {
  readonly ground: RequestGround;
  /** Hears of every failure that is SQLite's own. */
  readonly onFailure: (failure: unknown) => void;
}

/**
 * Answers requests that arrived together: first all that change something, in order and in one transaction, hence with one wait for
 * the disk; then the reads, which see what was committed and nothing else.
 */
export async function answerGroup(
  requests: readonly StoreRequest[],
  options: GroupOptions,
): Promise<readonly StoreAnswer[]> {
  const changes = requests.filter(isChange);
  const answers = changes.length === 0 ? [] : await answerChanges(changes, options);
  const { ground, onFailure } = options;
  for (const request of requests) {
    if (isChange(request)) continue;
    try {
      answers.push({ id: request.id, value: await handle(request, ground) });
    } catch (failure) {
      if (!isComputeError(failure)) onFailure(failure);
      answers.push({ id: request.id, failure: encodeFailure(failure, 'none') });
    }
  }
  return answers;
}

async function answerChanges(requests: readonly StoreRequest[], options: GroupOptions): Promise<StoreAnswer[]> {
  const { ground, onFailure } = options;
  const { database } = ground;
  let effect: 'none' | 'unknown' = 'none';
  try {
    database.run('begin immediate', []);
    const answers: StoreAnswer[] = [];
    for (const request of requests) answers.push(await answerChange(request, options));
    // A commit that fails may have left its mark in the log, and be found there after a crash.
    effect = 'unknown';
    database.run('commit', []);
    return answers;
  } catch (failure) {
    onFailure(failure);
    database.rollBack();
    const encoded = encodeFailure(failure, effect);
    return requests.map(({ id }) => ({ id, failure: encoded }));
  }
}

/** A request that is refused takes back its own changes and no others. Throws when the transaction of all is lost. */
async function answerChange(request: StoreRequest, { ground, onFailure }: GroupOptions): Promise<StoreAnswer> {
  const { database } = ground;
  database.run('savepoint one', []);
  try {
    const value = await handle(request, ground);
    database.run('release one', []);
    return { id: request.id, value };
  } catch (failure) {
    try {
      database.run('rollback to one', []);
      database.run('release one', []);
    } catch {
      // SQLite has rolled back the whole transaction, because of what it said first.
      throw failure;
    }
    if (!isComputeError(failure)) onFailure(failure);
    return { id: request.id, failure: encodeFailure(failure, 'none') };
  }
}
