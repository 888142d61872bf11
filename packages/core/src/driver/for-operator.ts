import { isComputeError } from './compute-error.js';
import { operatorFactsOf } from './operator-facts.js';

/**
 * The same failure, for a caller who is an operator: who starts a service, opens a store or adds an image. Its message then ends with what only
 * operators may read, so that an uncaught one says what is wrong. What tenants are told of it stays as it is. Idempotent.
 */
export function forOperator<Failure>(failure: Failure): Failure {
  if (!isComputeError(failure)) return failure;
  const words = wordsOf(failure);
  const { message, stack } = failure;
  if (words === undefined || message.includes(words)) return failure;
  const whole = `${message} ${words}`;
  Object.defineProperty(failure, 'message', { value: whole, configurable: true, writable: true });
  if (stack !== undefined) {
    // The message may hold what a replacement pattern is made of.
    const told = stack.replace(message, () => whole);
    Object.defineProperty(failure, 'stack', { value: told, configurable: true, writable: true });
  }
  return failure;
}

/** A driver that says nothing itself has the words of its cause. */
function wordsOf(failure: Error): string | undefined {
  const { message } = operatorFactsOf(failure);
  const { cause } = failure;
  return message ?? (cause instanceof Error && cause.message !== '' ? cause.message : undefined);
}
