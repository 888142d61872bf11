import { suppress } from '@virtkit/core/driver';
import { beforeDeadline } from '../suite/watchdog.js';
import { StoreBench } from './store-bench.js';
import type { StoreRule } from './store-rule.js';
import type { StoreUnderTest } from './store-under-test.js';

const RULE_TIMEOUT_MS = 20_000;

/** Proves one rule on a store of its own, and leaves nothing of it. Rejects when the store breaks the rule. */
export async function proveStoreRule(rule: StoreRule, subject: StoreUnderTest): Promise<void> {
  const timeoutMs = subject.ruleTimeoutMs ?? RULE_TIMEOUT_MS;
  const inTime = <T>(work: Promise<T>, what: string): Promise<T> =>
    beforeDeadline(work, timeoutMs, () => `${what} took more than ${timeoutMs} ms.`);

  const bench = await inTime(StoreBench.open(subject), 'createStore');
  try {
    await inTime(rule.prove(bench), 'The proof');
  } catch (failure) {
    await inTime(bench.discard(), 'Closing the store').catch((secondary: unknown) =>
      suppress(failure, secondary, 'close the store'),
    );
    throw failure;
  }
  await inTime(bench.discard(), 'Closing the store');
}
