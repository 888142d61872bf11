import type { Secret } from '../driver/index.js';
import type { QuiesceOptions } from '../manager/guest-options.js';
import type { ActionParameters } from '../model/instance-action.js';
import { knownFields } from '../model/known-fields.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import { door } from '../requests/door.js';
import { adminPassword, uuid, whole } from '../requests/fields.js';
import { requestFields, requestOptions, type RequestOptions } from '../requests/request-options.js';

/** A day: nobody wants a guest's file systems held still for longer. */
const FREEZE_MS_MAX = 24 * 3_600_000;

const quiesceOptions = knownFields(
  { ...requestFields, freezeMsMax: whole(1, FREEZE_MS_MAX).optional() },
  'an object of options',
).optional();

/** What is asked of the system inside a guest. None of it changes the vm state. Common errors: those of `ComputeApi`. */
export class GuestApi {
  readonly #acceptance: Acceptance;

  constructor({ acceptance }: { readonly acceptance: Acceptance }) {
    this.#acceptance = acceptance;
  }

  /**
   * Gives the guest's administrator a password. It is in no record: a process that dies meanwhile ends the action with `INTERRUPTED`, and
   * an idempotency key does not tell one password from another. @throws ComputeError `INVALID_INPUT` unless it is a `Secret`
   */
  @door({ instanceUuid: uuid, password: adminPassword, options: requestOptions })
  async setAdminPassword(
    context: RequestContext,
    instanceUuid: string,
    password: Secret,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const secrets = { password };
    return await this.#acceptance.accept({ name: 'setAdminPassword', context, instanceUuid, secrets, options });
  }

  /** Has the guest write its own crash dump. The action succeeds when the guest was told. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async triggerCrashDump(
    context: RequestContext,
    instanceUuid: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#acceptance.accept({ name: 'triggerCrashDump', context, instanceUuid, options });
  }

  /** Holds the guest's file systems still until {@link unquiesce}, or until `freezeMsMax` (default 10,000) is over. */
  @door({ instanceUuid: uuid, options: quiesceOptions })
  async quiesce(
    context: RequestContext,
    instanceUuid: string,
    { freezeMsMax, ...options }: RequestOptions & Pick<QuiesceOptions, 'freezeMsMax'> = {},
  ): Promise<AcceptedAction> {
    const parameters: ActionParameters = freezeMsMax === undefined ? {} : { freezeMsMax };
    return await this.#acceptance.accept({ name: 'quiesce', context, instanceUuid, parameters, options });
  }

  /** Lets the guest's file systems go on. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async unquiesce(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#acceptance.accept({ name: 'unquiesce', context, instanceUuid, options });
  }
}
