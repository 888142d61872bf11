import { ComputeError, type CallOptions } from '../driver/index.js';
import { consoleTokenHash, type ConsoleGrant } from '../model/console-token.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { Access } from '../requests/access.js';
import { door } from '../requests/door.js';
import { callOptions, shortText } from '../requests/fields.js';
import type { Hosts } from '../requests/hosts.js';

export interface OperatorConsolesDeps {
  readonly access: Access;
  readonly hosts: Hosts;
  readonly records: Records;
}

/** What console proxies ask. */
export class OperatorConsoles {
  readonly #deps: OperatorConsolesDeps;

  constructor(deps: OperatorConsolesDeps) {
    this.#deps = deps;
  }

  /**
   * Where the console of a token is now: the guest's host is asked. Asked by a proxy for each connection. To a tenant's context every token is invalid.
   * @throws ComputeError `CONSOLE_TOKEN_INVALID` for one that is unknown or has expired, and when the guest is gone or its console is elsewhere;
   * `HOST_UNAVAILABLE`
   */
  @door({ token: shortText, options: callOptions })
  async validate(context: RequestContext, token: string, options?: CallOptions): Promise<ConsoleGrant> {
    const { hosts, records } = this.#deps;
    if (!this.#deps.access.allows(context, 'administer')) throw new ComputeError('CONSOLE_TOKEN_INVALID', {});
    const kept = await records.store.findConsoleToken(consoleTokenHash(token), options);
    if (!kept) throw new ComputeError('CONSOLE_TOKEN_INVALID', {});
    return await hosts.of(kept.host).validateConsole({ token: kept }, options);
  }
}
