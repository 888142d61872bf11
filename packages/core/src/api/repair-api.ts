import { z } from 'zod';
import { ComputeError, Secret } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import { checkedRequest } from '../requests/checked-request.js';
import { shortText, stopping } from '../requests/fields.js';
import type { RequestOptions } from '../requests/request-options.js';

export interface RepairApiParts {
  readonly acceptance: Acceptance;
  readonly providers: Providers;
}

const rescueSchema = z.strictObject({ imageId: shortText.optional(), ...stopping }, 'an object');
const rebuildSchema = z.strictObject({ imageId: shortText }, 'an object with the id of an image');

/** What a guest is rescued with. What has a default may be left out. */
export interface RescueRequest {
  /** What it boots from. Default: the instance's own image. */
  readonly imageId?: string;
  /** For the administrator of the rescue system. It is in no record. */
  readonly password?: Secret;
  /** How long the guest may take to stop by itself before. Default 0: it is not asked. */
  readonly gracePeriodMs?: number;
  readonly retryIntervalMs?: number;
}

export interface RebuildRequest {
  /** What its root disk is made of. */
  readonly imageId: string;
}

/** What brings an instance back that does not start any more, or starts it over. Errors as for `ComputeApi`. */
export class RepairApi {
  readonly #parts: RepairApiParts;

  constructor(parts: RepairApiParts) {
    this.#parts = parts;
  }

  /** Boots an instance from another image, its own disks behind it, until it is {@link unrescue}d. @throws ComputeError `INVALID_INPUT` */
  async rescue(
    context: RequestContext,
    instanceUuid: string,
    request: RescueRequest = {},
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const { password, ...rest } = request;
    if (password !== undefined && !(password instanceof Secret)) {
      throw new ComputeError('INVALID_INPUT', { field: 'password', value: 'another value', accepted: 'a Secret' });
    }
    const checked = await checkedRequest(rescueSchema, rest);
    const parameters = { ...checked, ...(password && { password: 'given' }) };
    const check = (): unknown => checked.imageId !== undefined && this.#parts.providers.images;
    const asked = { name: 'rescue', context, instanceUuid, parameters, options, check } as const;
    return await this.#parts.acceptance.accept({ ...asked, ...(password && { secrets: { password } }) });
  }

  /** Boots a rescued instance from its own disk again. */
  async unrescue(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#parts.acceptance.accept({ name: 'unrescue', context, instanceUuid, options });
  }

  /** Gives an instance a fresh root disk of an image; what was on the old one is lost. Its volumes and networks stay. @throws ComputeError `INVALID_INPUT` */
  async rebuild(
    context: RequestContext,
    instanceUuid: string,
    request: RebuildRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = await checkedRequest(rebuildSchema, request);
    const check = (): unknown => this.#parts.providers.images;
    return await this.#parts.acceptance.accept({ name: 'rebuild', context, instanceUuid, parameters, options, check });
  }
}
