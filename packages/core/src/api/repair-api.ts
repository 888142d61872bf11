import { requireHonoured, type Image, type Secret } from '../driver/index.js';
import { providerOptions } from '../guard/provider-options.js';
import type { Providers } from '../guard/providers.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import type { Checked } from '../requests/checked-request.js';
import { door } from '../requests/door.js';
import { adminPassword, shortText, stopping, uuid } from '../requests/fields.js';
import { givenShutdown, shutdownParameters } from '../requests/shutdown-parameters.js';
import { checkFlavorFitsImage } from '../requests/flavor-fits-image.js';
import type { TargetHost } from '../requests/hosts.js';
import { requestOptions, type RequestOptions } from '../requests/request-options.js';

export interface RepairApiParts {
  readonly acceptance: Acceptance;
  readonly providers: Providers;
  /** How long a guest may take to stop by itself, where a request does not say. */
  readonly shutdownTimeoutMs: number;
}

const rescueSchema = knownFields({ imageId: shortText.optional(), password: adminPassword.optional(), ...stopping });
const rebuildSchema = knownFields({ imageId: shortText }, 'an object with the id of an image');

/** What a guest is rescued with. What has a default may be left out. */
export interface RescueRequest {
  /** What it boots from. Default: the instance's own image. */
  readonly imageId?: string;
  /** For the administrator of the rescue system. It is in no record. */
  readonly password?: Secret;
  /** How long the guest may take to stop by itself before. Default: `shutdownTimeoutMs` of the configuration. 0: it is not asked. */
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

  /** Boots an instance from another image, its own disks behind it, until it is {@link unrescue}d. @throws ComputeError `INVALID_INPUT`, `IMAGE_NOT_FOUND` */
  @door({ instanceUuid: uuid, request: rescueSchema.optional(), options: requestOptions })
  async rescue(
    context: RequestContext,
    instanceUuid: string,
    request: RescueRequest = {},
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const { password, gracePeriodMs, retryIntervalMs, ...rest } = request;
    const given = { gracePeriodMs, retryIntervalMs };
    const others = { ...rest, ...(password && { password: 'given' }) };
    const parameters = { ...others, ...shutdownParameters(given, this.#parts.shutdownTimeoutMs) };
    const formerParameters = { ...others, ...givenShutdown(given) };
    const check = async (instance: Instance, target: TargetHost): Promise<void> => {
      if (rest.imageId !== undefined) await this.#imageFor(instance, rest.imageId, target, options);
    };
    const asked = { name: 'rescue', context, instanceUuid, parameters, formerParameters, options, check } as const;
    return await this.#parts.acceptance.accept({ ...asked, ...(password && { secrets: { password } }) });
  }

  /** Boots a rescued instance from its own disk again. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async unrescue(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#parts.acceptance.accept({ name: 'unrescue', context, instanceUuid, options });
  }

  /**
   * Gives an instance a fresh root disk of an image; what was on the old one is lost. Its volumes and networks stay.
   * @throws ComputeError `INVALID_INPUT`, also for what the image asks of a host and the driver does not do; `IMAGE_NOT_FOUND`,
   * `FLAVOR_TOO_SMALL`
   */
  @door({ instanceUuid: uuid, request: rebuildSchema, options: requestOptions })
  async rebuild(
    context: RequestContext,
    instanceUuid: string,
    request: RebuildRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof rebuildSchema>;
    const check = async (instance: Instance, target: TargetHost): Promise<void> => {
      checkFlavorFitsImage(instance.flavor, await this.#imageFor(instance, parameters.imageId, target, options));
    };
    return await this.#parts.acceptance.accept({ name: 'rebuild', context, instanceUuid, parameters, options, check });
  }

  /** The image, when the instance's project sees it and the driver does all that it asks for. The operation looks again when it begins. */
  async #imageFor(
    { projectId }: Instance,
    imageId: string,
    target: TargetHost,
    options: RequestOptions | undefined,
  ): Promise<Image> {
    const { providers } = this.#parts;
    const image = await providers.images.getImage(imageId, { projectId }, providerOptions(options));
    requireHonoured(await target.honoured(), { image });
    return image;
  }
}
