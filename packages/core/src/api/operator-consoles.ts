import { ComputeError, type CallOptions } from '../driver/index.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ConsoleGrant } from '../manager/console-operations.js';
import type { RequestContext } from '../model/request-context.js';
import { accessPolicy } from '../requests/access-policy.js';
import { door } from '../requests/door.js';
import { callOptions, shortText } from '../requests/fields.js';

/** What console proxies ask. */
export class OperatorConsoles {
  readonly #manager: ComputeManager;

  constructor(manager: ComputeManager) {
    this.#manager = manager;
  }

  /**
   * Where the console of a token is now. Asked by a proxy for each connection. To a tenant's context every token is invalid.
   * @throws ComputeError `CONSOLE_TOKEN_INVALID` for one that is unknown or has expired, and when the guest is gone or its console is elsewhere
   */
  @door({ token: shortText, options: callOptions })
  async validate(context: RequestContext, token: string, options?: CallOptions): Promise<ConsoleGrant> {
    if (!accessPolicy.allows(context, 'administer')) throw new ComputeError('CONSOLE_TOKEN_INVALID', {});
    return await this.#manager.consoles.validate(token, options);
  }
}
