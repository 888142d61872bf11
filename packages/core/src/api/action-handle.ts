import { ComputeError, computeErrors, type ComputeErrorCode } from '../driver/index.js';
import type { ActionProgress, TenantAction } from '../model/instance-action.js';
import { isFinished } from '../model/instance-action.js';
import type { TenantInstance } from '../model/tenant-instance.js';
import type { AcceptedAction } from '../requests/acceptance.js';

/** What a handle asks of the service that it came from. */
export interface ActionReads {
  cancel(): Promise<TenantAction>;
  readAction(): Promise<TenantAction>;
  readInstance(): Promise<TenantInstance>;
}

/**
 * A request that was accepted: recorded, and carried out from now on, whatever becomes of this process. Kept nowhere: another process makes
 * one of the same action by `actions.handle(uuid)`.
 */
export class ActionHandle {
  /** Names the action in every process that uses these records. */
  readonly uuid: string;
  /** The action as it was accepted. */
  readonly action: TenantAction;
  /** The instance as the request left it: its task state says what is being done. */
  readonly instance: TenantInstance;
  /**
   * Resolves with the action when it has ended, whichever way. Never rejects. When the service closes first, it resolves with the action as
   * it was then: queued or running, and carried out elsewhere.
   */
  readonly finished: Promise<TenantAction>;
  readonly #reads: ActionReads;

  constructor({ action, instance, finished }: AcceptedAction, reads: ActionReads) {
    this.uuid = action.uuid;
    this.action = action;
    this.instance = instance;
    this.finished = finished;
    this.#reads = reads;
  }

  /**
   * Resolves with the instance, read when the action had succeeded; of a deleted one, its last record.
   * @throws ActionFailedError when the action has not succeeded
   * @throws ComputeError `MANAGER_CLOSED` when the service closed before the action ended: it goes on, and a new handle tells how it ended;
   * `STORE_UNAVAILABLE`
   */
  async result(): Promise<TenantInstance> {
    const ended = await this.finished;
    if (ended.state === 'succeeded') return await this.#reads.readInstance();
    if (isFinished(ended)) throw new ActionFailedError(ended);
    throw new ComputeError('MANAGER_CLOSED', { operation: 'wait for' }, { effect: 'unknown' });
  }

  /** Asks for the end of the action, which then ends like any other failure. Idempotent; does nothing when it has ended. */
  async cancel(): Promise<TenantAction> {
    return await this.#reads.cancel();
  }

  /** How far a long action is, where its driver tells; `null` where there is nothing to tell. */
  async progress(): Promise<ActionProgress | null> {
    return (await this.#reads.readAction()).progress;
  }
}

/** An action that was accepted and did not succeed. Its message is the one a tenant may read. */
export class ActionFailedError extends Error {
  override readonly name = 'ActionFailedError';
  /** A code of `ComputeError`. `ABORTED`: the action was cancelled, for no other reason. */
  readonly code: ComputeErrorCode;
  /** The action at its end. */
  readonly action: TenantAction;

  constructor(action: TenantAction) {
    const { failure, operation } = action;
    super(failure?.message ?? computeErrors.ABORTED.message({ operation }));
    this.code = failure?.code ?? 'ABORTED';
    this.action = action;
  }
}
