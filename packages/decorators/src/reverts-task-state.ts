import { afterFailure } from './after-failure.js';
import { logQuietly, type Reporting } from './attempt.js';
import { failureKind } from './failure-kind.js';
import { methodDecorator, type MethodDecorator } from './method-decorator.js';

/**
 * Clears the instance's task state when the method fails, so that the instance can be worked on again.
 *
 * - Preempted, it leaves the task state alone: another action owns the instance now, and the task state is that one's.
 * - An instance that is gone while this happens needs no revert.
 * - Called from within another method that reverts the same instance, it leaves the revert to that one. The outer
 *   method may get over the failure and go on, and until it ends the instance is busy. If it fails too, it reverts.
 */
export const revertsTaskState: MethodDecorator<Reporting | 'taskStates', ['instance']> = methodDecorator(['instance'], {
  begin: ({ scope, instance }) => scope.holdTaskState(instance.uuid),
  ...afterFailure<'taskStates', ['instance']>('reverting the task state', async (call, failure) => {
    const { services, instance, context, scope } = call;
    if (scope.isTaskStateHeldFurtherOut(instance.uuid)) return;
    if ((await failureKind(call, failure)) === 'preempted') {
      await logQuietly(call, 'possibly preempted: the task state is left alone', 'warn', { err: failure });
      return;
    }
    try {
      await services.taskStates.revert({ instance, context, failure });
    } catch (unreverted) {
      if ((await failureKind(call, unreverted)) !== 'instance-gone') throw unreverted;
    }
  }),
});
