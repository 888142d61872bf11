import { z } from 'zod';
import type { CallOptions } from '../driver/index.js';
import type { ComputeManager } from '../manager/compute-manager.js';
import type { ConsoleAccess } from '../manager/console-operations.js';
import { consoleTypes, type ConsoleType } from '../model/console-token.js';
import type { RequestContext } from '../model/request-context.js';
import type { Records } from '../records/records.js';
import { door } from '../requests/door.js';
import { callOptions, uuid } from '../requests/fields.js';
import { checkReachable } from '../requests/gate.js';
import { readVisible } from '../requests/read-visible.js';

export interface ConsolesApiParts {
  readonly manager: ComputeManager;
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
   * `NOT_SUPPORTED`, `CONSOLE_UNAVAILABLE`
   */
  @door({ instanceUuid: uuid, consoleType: consoleTypeSchema, options: callOptions })
  async create(
    context: RequestContext,
    instanceUuid: string,
    consoleType: ConsoleType,
    options: CallOptions = {},
  ): Promise<ConsoleAccess> {
    const { records, manager, consoleTokenMs: tokenMs } = this.#parts;
    const instance = await readVisible(records.store, context, instanceUuid, options);
    checkReachable(instance, 'open a console of');
    return await manager.consoles.create(context, instance, consoleType, { ...options, tokenMs });
  }
}
