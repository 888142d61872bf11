import { redact } from '@virtkit/decorators';
import { causeOf, operatorFactsOf, suppressedFailuresOf } from '../driver/index.js';
import type { OperatorFailure } from '../model/instance-fault.js';

/** A cause chain longer than this repeats itself. */
const CAUSE_COUNT_MAX = 16;
const SUPPRESSED_DEPTH_MAX = 3;

/** A failure and its causes, outermost first, with everything an operator may read. Never throws. */
export function operatorFailuresOf(failure: unknown): readonly OperatorFailure[] {
  return withCauses(failure).map((each) => operatorFailureOf(each));
}

function withCauses(failure: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let each = failure; each !== undefined && chain.length < CAUSE_COUNT_MAX; each = causeOf(each)) chain.push(each);
  return chain;
}

/** One failure without its causes. */
export function operatorFailureOf(failure: unknown, depth = 0): OperatorFailure {
  const facts = redact(operatorFactsOf(failure)) as Readonly<Record<string, unknown>>;
  const suppressed =
    depth >= SUPPRESSED_DEPTH_MAX
      ? []
      : // What it says of itself is for everybody; what a host has said stands in its causes.
        suppressedFailuresOf(failure).flatMap(({ during, failure: secondary }) =>
          withCauses(secondary).map((each) => ({ during, failure: operatorFailureOf(each, depth + 1) })),
        );
  if (!(failure instanceof Error)) {
    return { name: typeof failure, message: textOf(failure), facts, suppressed };
  }
  const { name, message, stack } = failure;
  const code = (failure as { readonly code?: unknown }).code;
  return {
    name,
    message: facts['message'] === undefined ? message : `${message} [${textOf(facts['message'])}]`,
    ...(code !== undefined && { code: textOf(code) }),
    ...(stack !== undefined && { stack }),
    facts,
    suppressed,
  };
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' && value !== null ? JSON.stringify(redact(value)) : String(value);
  } catch {
    return `an unprintable ${typeof value}`;
  }
}
