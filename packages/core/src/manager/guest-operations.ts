import { revertsTaskState, wrapException, wrapInstanceEvent, wrapInstanceFault } from '@virtkit/decorators';
import { ComputeError, type CallOptions, type Secret } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { RequestContext } from '../model/request-context.js';
import type { QuiesceOptions } from './guest-options.js';
import { OperationFamily } from './operation-family.js';

/** What is asked of the system inside a guest. None of it changes the vm state. */
export class GuestOperations extends OperationFamily {
  /**
   * Afterwards the guest's administrator has this password, which is in no record: one that was accepted and not begun before the process
   * died is `'forgotten'` and fails. @throws ComputeError `AGENT_UNAVAILABLE`, `INTERRUPTED`
   */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async setAdminPassword(
    context: RequestContext,
    instance: Instance,
    password: Secret | 'forgotten',
    options: CallOptions = {},
  ): Promise<Instance> {
    return await this.run('setAdminPassword', context, instance, options, async (task, signal) => {
      if (password === 'forgotten')
        throw new ComputeError('INTERRUPTED', { operation: 'set the password' }, { effect: 'none' });
      await this.parts.driver.with('adminPassword').setAdminPassword({ instance: task.instance, password }, { signal });
    });
  }

  /** Has the guest write its own crash dump. Resolves when it was told. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async triggerCrashDump(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('triggerCrashDump', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('crashDump').triggerCrashDump({ instance: task.instance }, { signal });
    });
  }

  /** Holds the guest's file systems still until {@link unquiesceInstance}, or until `options.freezeMsMax` is over. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async quiesceInstance(context: RequestContext, instance: Instance, options: QuiesceOptions = {}): Promise<Instance> {
    const { signal: _, ...held } = options;
    return await this.run('quiesce', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('quiesce').quiesce({ instance: task.instance, ...held }, { signal });
    });
  }

  /** Lets the guest's file systems go on. */
  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async unquiesceInstance(context: RequestContext, instance: Instance, options: CallOptions = {}): Promise<Instance> {
    return await this.run('unquiesce', context, instance, options, async (task, signal) => {
      await this.parts.driver.with('quiesce').unquiesce({ instance: task.instance }, { signal });
    });
  }
}
