import { z } from 'zod';
import type { CallOptions } from '../driver/index.js';
import { consoleTypes, type ConsoleAccess, type ConsoleType } from '../model/console-token.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import type { Access } from '../requests/access.js';
import { askHostOf } from '../requests/ask-host.js';
import { door } from '../requests/door.js';
import { callOptions, uuid } from '../requests/fields.js';
import { checkReachable } from '../requests/gate.js';
import type { Hosts } from '../requests/hosts.js';
import { readVisible } from '../requests/read-visible.js';

export interface ConsolesApiParts {
  readonly access: Access;
  readonly hosts: Hosts;
  readonly records: Records;
  readonly consoleTokenMs: number;
}

const consoleTypeSchema = z.enum(consoleTypes, 'vnc, spice, serial or mks');

/** Rights to the consoles of guests. Where a console is, is told only to proxies, by `OperatorApi.consoles`. */
export class ConsolesApi {
  readonly #parts: ConsolesApiParts;

  constructor(parts: ConsolesApiParts) {
    this.#parts = parts;
  }

  /**
   * Makes a token for a console of a running guest. It is given to a proxy in the place of an address, and is good for ten minutes unless
   * configured otherwise. Not idempotent: every call makes another.
   * @throws ComputeError `INVALID_INPUT`, `INSTANCE_NOT_FOUND`, `INSTANCE_INVALID_STATE` while the instance is deleted or migrates,
   * `NOT_SUPPORTED`, `CONSOLE_UNAVAILABLE`, `HOST_UNAVAILABLE`
   */
  @door({ instanceUuid: uuid, consoleType: consoleTypeSchema, options: callOptions })
  async create(
    context: RequestContext,
    instanceUuid: string,
    consoleType: ConsoleType,
    options: CallOptions = {},
  ): Promise<ConsoleAccess> {
    const { consoleTokenMs: tokenMs } = this.#parts;
    const visible = await readVisible(this.#parts, context, instanceUuid, options);
    this.#parts.access.require(context, 'change instances', 'open a console of', { instance: visible });
    checkReachable(visible, 'open a console of');
    return await askHostOf(visible, this.#parts, (host, instance) =>
      host.createConsole({ context, instance, consoleType, tokenMs }, options),
    );
  }
}
