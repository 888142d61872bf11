import { suppress } from '@virtkit/core/driver';
import type { DriverUnderTest } from './driver-under-test.js';
import type { Rule } from './rule.js';
import { TestBench } from './test-bench.js';
import { beforeDeadline } from './watchdog.js';

const RULE_TIMEOUT_MS = 20_000;

/** Proves one rule on a driver and a host of its own, and leaves nothing of them. Rejects when the driver breaks the rule. */
export async function proveRule(rule: Rule, subject: DriverUnderTest): Promise<void> {
  const timeoutMs = subject.ruleTimeoutMs ?? RULE_TIMEOUT_MS;
  const creation = TestBench.open(subject);
  const bench = await beforeDeadline(creation, timeoutMs, () => `createDriver took more than ${timeoutMs} ms.`);
  const deadlineFor = <T>(work: Promise<T>, what: string): Promise<T> =>
    beforeDeadline(work, timeoutMs, () => {
      const calls = bench.callsUnderWay.join(', ') || 'no call; an event did not come';
      return `${what} took more than ${timeoutMs} ms. Under way: ${calls}.`;
    });

  try {
    await deadlineFor(initAndProve(rule, bench), 'The proof');
  } catch (failure) {
    await tidied(deadlineFor, bench).catch((secondary: unknown) => suppress(failure, secondary, 'tidy up'));
    throw failure;
  }
  await tidied(deadlineFor, bench);
}

async function initAndProve(rule: Rule, bench: TestBench): Promise<void> {
  if (rule.host === 'initialised') await bench.driver.initHost({});
  await rule.prove(bench);
}

async function tidied(deadlineFor: (work: Promise<void>, what: string) => Promise<void>, bench: TestBench) {
  // A driver that hangs here has a rule against it; its host is discarded all the same.
  await deadlineFor(bench.tidyUp(), 'Tidying up').catch(() => {});
  await deadlineFor(bench.discardHost(), 'discardHost');
}
