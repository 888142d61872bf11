import type { WaysTable } from './way.js';

export const waysOfConcurrency: WaysTable = {
  test: 'packages/core/test/nova-weaknesses.test.ts',
  weaknesses: [
    {
      title: '18. Blocking hypervisor calls on shared pools',
      ways: [
        {
          nova: 'a hypervisor call has no time limit, and a hung one is never given up',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/settle.ts',
              from: "abortWork('by deadline', new DOMException('The deadline has passed.', 'TimeoutError'));",
              to: 'void abortWork;',
            },
          ],
        },
        {
          nova: 'hypervisor calls share a pool of five threads',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/guarded-driver.ts',
              from: 'entry.enter(signal, () => driver[method](request, { ...callOptions, signal })),',
              to: 'inPool(() => driver[method](request, { ...callOptions, signal })),',
            },
            {
              file: 'packages/core/src/guard/guarded-driver.ts',
              from: 'const defaultGraceMs = 10_000;',
              to: `const defaultGraceMs = 10_000;

const pool = { free: 5, waiting: [] as (() => void)[] };

async function inPool<Value>(work: () => Promise<Value>): Promise<Value> {
  if (pool.free === 0) await new Promise<void>((resolve) => pool.waiting.push(resolve));
  else pool.free -= 1;
  try {
    return await work();
  } finally {
    const next = pool.waiting.shift();
    if (next) next();
    else pool.free += 1;
  }
}`,
            },
          ],
        },
        {
          nova: 'all periodic tasks run one after another on one timer',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/host-life/periodic-task.ts',
              from: 'await settleWithin(deadline, run);',
              to: `await settleWithin(deadline, (signal) => {
      const turn = oneTimer.then(() => run(signal));
      oneTimer = turn.catch(() => undefined);
      return turn;
    });`,
            },
            {
              file: 'packages/core/src/host-life/periodic-task.ts',
              from: '/** Something that is done now and then.',
              to: 'let oneTimer: Promise<unknown> = Promise.resolve();\n\n/** Something that is done now and then.',
            },
          ],
        },
        {
          nova: 'nobody can see who is stuck, since when and in what',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/host-life/host-health.ts',
              from: 'busy: (busy ?? []).flatMap((instance) => busyInstance(instance, running))',
              to: 'busy: (busy ?? []).slice(0, 0).flatMap((instance) => busyInstance(instance, running))',
            },
          ],
        },
      ],
    },
    {
      title: '19. No cancellation, deadline or progress',
      ways: [
        {
          nova: 'what runs cannot be cancelled',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/dispatch/dispatcher.ts',
              from: '    running?.abort.abort(reason);\n',
              to: '    void reason;\n',
            },
          ],
        },
        {
          nova: 'what runs has no deadline',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/dispatch/dispatcher.ts',
              from: 'if (deadlineAtMs === null) return () => undefined;',
              to: 'if (deadlineAtMs !== undefined) return () => undefined;',
            },
          ],
        },
        {
          nova: 'what runs does not tell how far it is',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/records/records.ts',
              from: '    const write = unit.noteProgress(progress);',
              to: '    if (unit) return;\n    const write = unit.noteProgress(progress);',
            },
          ],
        },
      ],
    },
    {
      title: '20. Locks',
      ways: [
        {
          nova: 'some operations do not take the lock',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/operation-runner.ts',
              from: 'return await requestScope.run(scope, () => lanes.enter(entry, turn));',
              to: 'return await requestScope.run(scope, () => turn(entry.signal ?? new AbortController().signal));',
            },
          ],
        },
        {
          nova: 'the wait for a lock has no limit',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/instance-lanes.ts',
              from: 'const PENDING_COUNT_MAX = 16;',
              to: 'const PENDING_COUNT_MAX = Infinity;',
            },
          ],
        },
        {
          nova: 'a volume is attached whatever the task state is, in the middle of a rebuild too',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/requests/gate.ts',
              from: 'if (taskState === null) return;',
              to: "if (taskState === null || operation.verb.includes('volume')) return;",
            },
            {
              file: 'packages/core/src/runner/start-guard.ts',
              from: "if (overTaskStates === 'any' && spares.length === 0) return { vmState: vmStates };",
              to: "if (operation.verb.includes('volume')) return { vmState: vmStates };",
            },
          ],
        },
      ],
    },
    {
      title: '21. External events',
      ways: [
        {
          nova: 'an event that nobody waits for is lost',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/external-events/external-event-inbox.ts',
              from: 'if (!isWaitedFor) this.#retain(event);',
              to: 'void isWaitedFor;',
            },
          ],
        },
        {
          nova: 'a waiter stays registered when the body has raised, and swallows the next event',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/external-events/external-event-inbox.ts',
              from: '        waiters.delete(waiter);\n',
              to: '',
            },
          ],
        },
        {
          nova: 'a batch is a plain loop, and its first error is its end',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/requests/external-event-router.ts',
              from: '    await Promise.all(Array.from({ length: CONCURRENCY_MAX }, worker));',
              to: `    void worker;
    for (const [index, event] of events.entries()) {
      const outcome = await this.#routeSafely(event, manner);
      outcomes.set(index, outcome);
      if (outcome.outcome === 'refused') break;
    }`,
            },
          ],
        },
      ],
    },
    {
      title: '22. _sync_power_states kills what it did not start',
      ways: [
        {
          nova: 'a guest that runs while its record says stopped is stopped',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/model/power-state-policy.ts',
              from: "stopped: { RUNNING: 'adopt',",
              to: "stopped: { RUNNING: 'enforce',",
            },
          ],
        },
        {
          nova: 'a guest that is gone or paused while its record says active is not worth more than a line in the log',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/model/power-state-policy.ts',
              from: "  active: ['RUNNING'],",
              to: "  active: ['RUNNING', 'PAUSED', 'NOSTATE'],",
            },
          ],
        },
        {
          nova: 'nothing is done about shelved instances',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/model/power-state-policy.ts',
              from: "  shelved: ['SHUTDOWN', 'SUSPENDED', 'CRASHED', 'NOSTATE'],",
              to: "  shelved: ['SHUTDOWN', 'SUSPENDED', 'CRASHED', 'NOSTATE', 'RUNNING', 'PAUSED'],",
            },
          ],
        },
        {
          nova: 'what is done stands in the code, and no embedder is asked',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/host-life/power-reaction.ts',
              from: 'verdictOn(instance, guest, this.#options.table)',
              to: "verdictOn(instance, guest, { stopped: { RUNNING: 'adopt' } })",
            },
          ],
        },
      ],
    },
  ],
};
