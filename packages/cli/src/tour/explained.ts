import { causeOf, operatorFactsOf } from '@virtkit/core';

/** A cause chain longer than this says nothing new. */
const CAUSES_COUNT_MAX = 5;

/**
 * A failure in words for whoever sits at this terminal, who is an operator: down to those of whoever failed first. With an
 * aborted `signal`, why that was aborted: all that fails then, fails of it.
 */
export function explained(failure: unknown, signal?: AbortSignal): string {
  if (signal?.aborted) return `Stopped: ${messageOf(signal.reason)}.`;
  const said: string[] = [];
  let cause = failure;
  for (let depth = 0; cause !== undefined && depth < CAUSES_COUNT_MAX; depth += 1) {
    const { message } = operatorFactsOf(cause);
    for (const words of [messageOf(cause), ...(message === undefined ? [] : [message])]) {
      if (!said.some((known) => known.includes(words))) said.push(words);
    }
    cause = causeOf(cause);
  }
  return said.map((words) => words.replace(/\.$/u, '')).join(': ');
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
