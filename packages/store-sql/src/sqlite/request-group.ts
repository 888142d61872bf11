import { isComputeError } from '@virtkit/core/store';
import { encodeFailure } from './encode-failure.js';
import { handle, isChange, type RequestGround } from './request-handlers.js';
import type { EncodedFailure, StoreAnswer, StoreRequest } from './store-request.js';

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
  const answers = changes.length === 0 ? [] : [...(await answerChanges(changes, options))];
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

async function answerChanges(
  requests: readonly StoreRequest[],
  options: GroupOptions,
): Promise<readonly StoreAnswer[]> {
  try {
    options.ground.file.require();
  } catch (failure) {
    options.onFailure(failure);
    return refused(requests, encodeFailure(failure, 'none'));
  }
  return (await answerTogether(requests, options)) ?? (await answerApart(requests, options));
}

/**
 * Answers requests none of which is refused; with `undefined` where one is, and nothing has happened then. To take back one request alone
 * would cost each of them a savepoint and a copy of every page it changes, and refusals are rare.
 */
async function answerTogether(
  requests: readonly StoreRequest[],
  options: GroupOptions,
): Promise<readonly StoreAnswer[] | undefined> {
  const { ground, onFailure } = options;
  const answers: StoreAnswer[] = [];
  try {
    ground.database.run('begin immediate', []);
    for (const request of requests) answers.push({ id: request.id, value: await handle(request, ground) });
  } catch (failure) {
    if (!isComputeError(failure)) onFailure(failure);
    ground.database.rollBack();
    return undefined;
  }
  return committed(answers, options);
}

/** Answers each request by itself: one that is refused takes back its own changes and no others. */
async function answerApart(requests: readonly StoreRequest[], options: GroupOptions): Promise<readonly StoreAnswer[]> {
  const { ground, onFailure } = options;
  const answers: StoreAnswer[] = [];
  try {
    ground.database.run('begin immediate', []);
    for (const request of requests) answers.push(await answerChange(request, options));
  } catch (failure) {
    onFailure(failure);
    ground.database.rollBack();
    return refused(requests, encodeFailure(failure, 'none'));
  }
  return committed(answers, options);
}

/** The answers, now that what they say is on disk. */
function committed(answers: readonly StoreAnswer[], { ground, onFailure }: GroupOptions): readonly StoreAnswer[] {
  try {
    ground.database.run('commit', []);
    // Looked for again: what was written to a file that is gone is not on record.
    ground.file.require();
    return answers;
  } catch (failure) {
    onFailure(failure);
    ground.database.rollBack();
    // A commit that fails may have left its mark in the log, and be found there after a crash.
    return refused(answers, encodeFailure(failure, 'unknown'));
  }
}

function refused(each: readonly { readonly id: number }[], failure: EncodedFailure): readonly StoreAnswer[] {
  return each.map(({ id }) => ({ id, failure }));
}

/** Throws when the transaction of all is lost. */
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
