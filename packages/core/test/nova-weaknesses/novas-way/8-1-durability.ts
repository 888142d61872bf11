import type { WaysTable } from './way.js';

export const waysOfDurability: WaysTable = {
  test: 'packages/core/test/nova-weaknesses.test.ts',
  weaknesses: [
    {
      title: '1. Stuck task_state',
      ways: [
        {
          nova: 'the recovery has branches for some task states and leaves an instance in any other as it is',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recovery/recover-instance.ts',
              from: '  const guest = await driver.inspect({ instance });\n  const row = operations[name];',
              to: `  const known = ['spawning', 'rebuilding', 'deleting', 'rebooting', 'pausing', 'powering-off', 'powering-on'];
  if (!known.includes(instance.taskState ?? '')) return 'given-up';
  const guest = await driver.inspect({ instance });
  const row = operations[name];`,
            },
          ],
        },
        {
          nova: 'the API saves the task state before it writes the action',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/requests/acceptance.ts',
              from: 'instance = (await this.#parts.records.commit(writes, signalOf(options))).get(instanceUuid);',
              to: `instance = (await this.#parts.records.commit(writes.slice(0, 1), signalOf(options))).get(instanceUuid);
      await this.#parts.records.commit(writes.slice(1), signalOf(options));`,
            },
          ],
        },
        {
          nova: 'no request has a time limit',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/dispatch/dispatcher.ts',
              from: 'if (deadlineAtMs === null) return () => undefined;',
              to: 'if (deadlineAtMs !== undefined) return () => undefined;',
            },
          ],
        },
      ],
    },
    {
      title: '2. One bad instance aborts service start',
      ways: [
        {
          nova: 'what one instance raises leaves the loop of the start',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recovery/recover-host.ts',
              from: "    options.setAside(instance.uuid);\n    return 'set-aside';",
              to: '    throw failure;',
            },
          ],
        },
      ],
    },
    {
      title: '3. Evacuation and restart race',
      ways: [
        {
          nova: 'a start takes care of every instance whose row has its host, whatever another host does with it',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recovery/recover-host.ts',
              from: 'if (!(await isHeldElsewhere(instance, records, host))) own.push(instance);',
              to: 'own.push(instance);',
            },
          ],
        },
        {
          nova: 'a process that was thought dead goes on writing',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/memory-store/unit-plan.ts',
              from: "if (present.epochOf(write.host) !== write.epoch) throw new ComputeError('SESSION_LOST', {});",
              to: 'continue;',
            },
          ],
        },
        {
          nova: 'an evacuation trusts that the dead host stays dead',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/move-operations.ts',
              from: '      await evacuation.fence(task.instance, signal);\n',
              to: '',
            },
          ],
        },
      ],
    },
    {
      title: '4. Reverting by None, without compare-and-set, saving every dirty field',
      ways: [
        {
          nova: 'the saves of a failed operation expect no task state, and wipe that of a newer one',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/instance-task.ts',
              from: 'return { taskOwner: taskOwnerOf(this.#options.context) };',
              to: 'return {};',
            },
            {
              file: 'packages/core/src/recorders/task-state-reverter.ts',
              from: 'guard: { taskOwner },',
              to: 'guard: {},',
            },
          ],
        },
        {
          nova: 'the revert saves the image that a failed rebuild only meant to use',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/repair-operations.ts',
              from: "await task.advance('rebuild_spawning');",
              to: "await task.advance('rebuild_spawning', { image });",
            },
          ],
        },
      ],
    },
    {
      title: '5. Success recorded for failed work',
      ways: [
        {
          nova: 'a build answers with an enum instead of raising',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/compute-manager.ts',
              from: 'await this.parts.driver.spawn(',
              to: `const { driver } = this.parts;
      const answer = (...args: Parameters<typeof driver.spawn>) => driver.spawn(...args).catch(() => 'FAILED');
      await answer(`,
            },
          ],
        },
        {
          nova: 'a snapshot is handed to a pool, and its event ends with the hand-off',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/image-operations.ts',
              from: `      await this.#maker.make(task.instance, image, task, making, signal);
      task.setResult({ imageId: image.id });`,
              to: `      void this.#maker.make(task.instance, image, task, making, signal).catch(() => undefined);
      task.setResult({ imageId: image.id });`,
            },
          ],
        },
        {
          nova: 'a reboot that fails while the guest still runs is a warning',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/compute-manager.ts',
              from: "const driver = this.parts.driver.with('reboot');",
              to: `const { reboot } = this.parts.driver.with('reboot');
      const driver = { reboot: (...args: Parameters<typeof reboot>) => reboot(...args).catch(() => undefined) };`,
            },
          ],
        },
      ],
    },
    {
      title: '6. Action history is lossy',
      ways: [
        {
          nova: 'actions have no finish time',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recorders/end-of-action.ts',
              from: 'failure: told, finishedAtMs: nowMs, result }',
              to: 'failure: told, finishedAtMs: null, result }',
            },
          ],
        },
        {
          nova: 'an event is found by its name, so that a second attempt closes the first',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recorders/event-recorder.ts',
              from: '    id,\n    // A call',
              to: '    id: name,\n    // A call',
            },
          ],
        },
        {
          nova: 'only the newest fault is shown',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/api/compute-api.ts',
              from: 'listFaults(instanceUuid, options)).map(tenantFault)',
              to: 'listFaults(instanceUuid, options)).slice(0, 1).map(tenantFault)',
            },
          ],
        },
      ],
    },
    {
      title: '7. After a successful hypervisor step, a DB or notifier error still fails the operation',
      ways: [
        {
          nova: 'a save that fails after the step fails the operation',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/records/records.ts',
              from: 'if (signal.aborted || isRefusal(failure) || !isPatient) throw failure;',
              to: 'throw failure;',
            },
          ],
        },
        {
          nova: 'the notification is sent after the save, and one that cannot be sent fails the operation',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/instance-task.ts',
              from: 'this.#take(await (unit ? records.commitEnd(unit, end) : records.commit(end.writes)));',
              to: "const isTold = ({ write }: StoreWrite): boolean => write === 'append-notification';\n    const quiet = { ...end, writes: end.writes.filter((write) => !isTold(write)) };\n    this.#take(await (unit ? records.commitEnd(unit, quiet) : records.commit(quiet.writes)));\n    await records.commit(end.writes.filter(isTold));",
            },
          ],
        },
        {
          nova: 'what a notifier raises is raised in the operation',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/model/compute-events.ts',
              from: 'this.#emitter.on(name, guarded);',
              to: 'this.#emitter.on(name, listener as () => void);',
            },
          ],
        },
      ],
    },
  ],
};
