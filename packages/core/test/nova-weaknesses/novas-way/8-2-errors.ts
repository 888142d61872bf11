import type { WaysTable } from './way.js';

export const waysOfErrors: WaysTable = {
  test: 'packages/core/test/nova-weaknesses.test.ts',
  weaknesses: [
    {
      title: '8. No declared driver errors',
      ways: [
        {
          nova: 'what the binding raises reaches the manager as it is',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/guarded-driver.ts',
              from: 'if (explained || aborted === undefined) return computeErrorFrom(reason);',
              to: 'if (explained || aborted === undefined) return reason as ComputeError;',
            },
          ],
        },
        {
          nova: 'an exception is taken for what its class or its attributes look like',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/driver/compute-error.ts',
              from: 'failure instanceof Error && brand in failure &&',
              to: "failure instanceof Error && 'code' in failure &&",
            },
          ],
        },
      ],
    },
    {
      title: '9. Leaks remain by design',
      ways: [
        {
          nova: 'a wrapped exception carries the inner text as its reason, and that is shown',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recorders/tenant-failure.ts',
              from: '? { code, message: messageOf(code, details) }',
              to: `? { code, message: failure instanceof Error && failure.cause instanceof Error
          ? \`\${messageOf(code, details)} Reason: \${failure.cause.message}\` : messageOf(code, details) }`,
            },
          ],
        },
        {
          nova: 'any exception with a format_message is trusted',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/recorders/tenant-failure.ts',
              from: '? { code, message: messageOf(code, details) }',
              to: `? { code, message: ((failure as Error).cause as { format_message?: () => string } | undefined)
          ?.format_message?.() ?? messageOf(code, details) }`,
            },
          ],
        },
        {
          nova: 'a secret is dropped for the name of its parameter, and shown under any other',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/redact.ts',
              from: 'if (isSecret(value)) return redacted;',
              to: 'if (isSecret(value)) return (value as unknown as { reveal(): string }).reveal();',
            },
          ],
        },
        {
          nova: 'a context is dropped where its parameter is called so, and shown where it is called ctxt',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/wrap-exception.ts',
              from: ".filter((argument) => entityKindOf(argument) !== 'context')",
              to: '',
            },
            {
              file: 'packages/decorators/src/redact.ts',
              from: "        return '[context]';",
              to: '        return this.#container(value);',
            },
          ],
        },
      ],
    },
    {
      title: '10. Handler failures mask the cause',
      ways: [
        {
          nova: 'what a handler raises is raised instead of the error that it handles',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/after-failure.ts',
              from: 'if (secondary !== undefined) await attach(call, during, failure, secondary);',
              to: 'if (secondary !== undefined) throw secondary.value;',
            },
          ],
        },
      ],
    },
    {
      title: '11. Duplicate faults, image deletes and notifications',
      ways: [
        {
          nova: 'an inner decorated call records the fault and the notification, and the outer one does it again',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/noted-failures.ts',
              from: 'if (causeChain(failure).some((cause) => this.#topicsOf(cause)?.has(topic))) return false;',
              to: 'void causeChain;',
            },
            {
              file: 'packages/core/src/manager/image-maker.ts',
              from: '  @deleteImageOnError\n',
              to: '  @wrapException\n  @wrapInstanceFault\n  @deleteImageOnError\n',
            },
            {
              file: 'packages/core/src/manager/image-maker.ts',
              from: 'import { decoratorServices, deleteImageOnError,',
              to: 'import { decoratorServices, deleteImageOnError, wrapException, wrapInstanceFault,',
            },
          ],
        },
        {
          nova: 'an inner decorated call deletes the image, and the outer one does it again',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/noted-failures.ts',
              from: 'if (causeChain(failure).some((cause) => this.#topicsOf(cause)?.has(topic))) return false;',
              to: 'void causeChain;',
            },
            {
              file: 'packages/core/src/manager/image-operations.ts',
              from: '  async backupInstance(',
              to: '  @deleteImageOnError\n  async backupInstance(',
            },
            {
              file: 'packages/core/src/manager/image-operations.ts',
              from: 'import { revertsTaskState,',
              to: 'import { deleteImageOnError, revertsTaskState,',
            },
          ],
        },
      ],
    },
    {
      title: '12. _do_live_migration has no decorators',
      ways: [
        {
          nova: 'the method that moves the guest carries none of the four',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/move-operations.ts',
              from: `  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async liveMigrateInstance(`,
              to: '  async liveMigrateInstance(',
            },
          ],
        },
        {
          nova: 'it lacks one of them, the revert',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/manager/move-operations.ts',
              from: `  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async liveMigrateInstance(`,
              to: `  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async liveMigrateInstance(`,
            },
          ],
        },
      ],
    },
    {
      title: '13. Taxonomy has no retryable / terminal / caller-fault axis',
      ways: [
        {
          nova: 'an exception says nothing of trying again',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/driver/outcome-errors.ts',
              from: "was not sent: nothing was done.',\n    atFault: 'operator',\n    retryable: true,\n",
              to: "was not sent: nothing was done.',\n    atFault: 'operator',\n",
            },
          ],
        },
        {
          nova: 'an error of the caller is a 500, as that of a flavor that is too small',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/driver/resource-errors.ts',
              from: `    meaning: 'The flavor offers less than the image needs.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 400,`,
              to: `    meaning: 'The flavor offers less than the image needs.',
    atFault: 'caller',
    retryable: false,
    effect: 'none',
    httpStatus: 500,`,
            },
          ],
        },
        {
          nova: 'a hypervisor that cannot be reached is a failed operation like any other',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/driver/outcome-errors.ts',
              from: "was not sent: nothing was done.',\n    atFault: 'operator',\n    retryable: true,\n",
              to: "was not sent: nothing was done.',\n    atFault: 'operator',\n    retryable: false,\n",
            },
          ],
        },
        {
          nova: 'what is not supported is a NotImplementedError in one place and an exception of its own in another',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/guard/require-capability.ts',
              from: 'throw refusal;',
              to: "throw Object.assign(new Error('NotImplementedError'), { capability, refusal });",
            },
          ],
        },
      ],
    },
    {
      title: '14. Reflection by argument name',
      ways: [
        {
          nova: 'the instance is whichever parameter is called so',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/advised-method.ts',
              from: 'const call = callOf(self, methodName, args, takes, scope);',
              to: `const call = callOf(self, methodName, args, takes, scope);
      const names = /\\(([^)]*)\\)/.exec(String(method))?.[1]?.split(',').map((name) => name.trim()) ?? [];
      if (takes.includes('instance') && !names.includes('instance')) throw new ReferenceError("KeyError: 'instance'");`,
            },
          ],
        },
        {
          nova: 'whoever passes something else finds out at run time',
          caughtBy: 'the compiler',
          edits: [
            {
              file: 'packages/core/src/manager/compute-manager.ts',
              from: 'async pauseInstance(context: RequestContext, instance: Instance,',
              to: 'async pauseInstance(context: any, instance: any,',
            },
          ],
        },
      ],
    },
    {
      title: '15. graceful_exit hides body exceptions',
      ways: [
        {
          nova: 'an event that cannot be finished swallows what the body has raised',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/decorators/src/wrap-instance-event.ts',
              from: `      await recordFailure(call, 'finishing the event', failure, () =>
        call.services.events.finish(step, { result: 'Error', failure }),
      );`,
              to: `      const unfinished = await attempt(call, 'finishing the event', () =>
        call.services.events.finish(step, { result: 'Error', failure }),
      );
      if (unfinished !== undefined) (call as { swallows?: boolean }).swallows = true;`,
            },
            {
              file: 'packages/decorators/src/advised-method.ts',
              from: '      throw failure;',
              to: '      if ((call as { swallows?: boolean }).swallows) return undefined;\n      throw failure;',
            },
          ],
        },
        {
          nova: 'a failure that has changed nothing restores ACTIVE, whatever the instance was',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/failure-settler.ts',
              from: "const vmState = before.vmState === 'building' ? 'error' : before.vmState;",
              to: "const vmState = before.vmState === 'building' ? 'error' : 'active';",
            },
          ],
        },
      ],
    },
  ],
};

export const waysOfErrorsInDepth: WaysTable = {
  test: 'packages/core/test/nova-weaknesses/8-2-errors.test.ts',
  weaknesses: [
    {
      title: 'an evacuation saves nothing over what another action holds by now',
      ways: [
        {
          nova: 'an evacuation saves with expected_task_state=None, which expects nothing',
          caughtBy: 'the test',
          edits: [
            {
              file: 'packages/core/src/runner/instance-task.ts',
              from: 'return { taskOwner: taskOwnerOf(this.#options.context) };',
              to: `const { context, operation } = this.#options;
    return operation.action === 'evacuate' ? {} : { taskOwner: taskOwnerOf(context) };`,
            },
          ],
        },
      ],
    },
  ],
};
