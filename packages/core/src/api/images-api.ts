import { z } from 'zod';
import type { Providers } from '../guard/providers.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import type { QuiesceWish } from '../model/operation-parameters.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction, Asked } from '../requests/acceptance.js';
import type { Checked } from '../requests/checked-request.js';
import { door } from '../requests/door.js';
import { labels, shortText, stopping, uuid, whole } from '../requests/fields.js';
import type { TargetHost } from '../requests/hosts.js';
import { givenShutdown, shutdownParameters } from '../requests/shutdown-parameters.js';
import { requestOptions, type RequestOptions } from '../requests/request-options.js';

export interface ImagesApiParts {
  readonly acceptance: Acceptance;
  readonly providers: Providers;
  /** How long a guest may take to stop by itself, where a request does not say. */
  readonly shutdownTimeoutMs: number;
}

const snapshot = {
  name: shortText,
  properties: labels.default({}),
  quiesce: z.enum(['never', 'try', 'require'], 'never, try or require').default('never'),
};
const snapshotSchema = knownFields(snapshot, 'an object with the name of the image');
const backupSchema = knownFields(
  { ...snapshot, backupType: shortText, rotation: whole(1, 1_000) },
  'an object with a name, a backupType and a rotation',
);
const shelveSchema = knownFields(stopping);

/** What is made an image of. `name`: 1 to 255 characters. `properties`: over those of the instance's own image. `quiesce`: default `never`. */
export type SnapshotRequest = z.input<typeof snapshotSchema>;
/** `backupType`: the row it belongs to, such as `daily`. `rotation`: how many of the row are kept, the new one included; 1 to 1,000. */
export type BackupRequest = z.input<typeof backupSchema>;
/** How long the guest may take to stop by itself. Default: `shutdownTimeoutMs` of the configuration. 0: it is not asked. */
export type ShelveRequest = z.input<typeof shelveSchema>;

/** What makes images of instances, and what puts instances away. Needs a provider of images. Errors as for `ComputeApi`. */
export class ImagesApi {
  readonly #parts: ImagesApiParts;

  constructor(parts: ImagesApiParts) {
    this.#parts = parts;
  }

  /** Makes an image of an instance's root disk. The result of the action names it: `{ imageId }`. @throws ComputeError `INVALID_INPUT` */
  @door({ instanceUuid: uuid, request: snapshotSchema, options: requestOptions })
  async snapshot(
    context: RequestContext,
    instanceUuid: string,
    request: SnapshotRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof snapshotSchema>;
    const check = (_instance: Instance, target: TargetHost): Promise<void> => checkQuiesce(parameters.quiesce, target);
    return await this.#accept({ name: 'snapshot', context, instanceUuid, parameters, options, check });
  }

  /**
   * Makes an image as {@link snapshot} does and deletes the oldest of its row. The result tells of those too: `deletedImageIds`,
   * `undeletedImageIds`, and whether the `listing` of the row was complete. @throws ComputeError `INVALID_INPUT`
   */
  @door({ instanceUuid: uuid, request: backupSchema, options: requestOptions })
  async backup(
    context: RequestContext,
    instanceUuid: string,
    request: BackupRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    const parameters = request as Checked<typeof backupSchema>;
    const check = (_instance: Instance, target: TargetHost): Promise<void> => checkQuiesce(parameters.quiesce, target);
    return await this.#accept({ name: 'backup', context, instanceUuid, parameters, options, check });
  }

  /** Stops an instance and puts its root disk into an image, from which {@link unshelve} brings it back. @throws ComputeError `INVALID_INPUT` */
  @door({ instanceUuid: uuid, request: shelveSchema.optional(), options: requestOptions })
  async shelve(
    context: RequestContext,
    instanceUuid: string,
    request: ShelveRequest = {},
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#accept({
      name: 'shelve',
      context,
      instanceUuid,
      parameters: shutdownParameters(request, this.#parts.shutdownTimeoutMs),
      formerParameters: givenShutdown(request),
      options,
    });
  }

  /** Frees the host of a shelved instance. Its image, its networks and its volumes are kept. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async shelveOffload(
    context: RequestContext,
    instanceUuid: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    return await this.#accept({ name: 'shelveOffload', context, instanceUuid, options });
  }

  /** Brings a shelved instance back; one that was offloaded, on the host that is asked. */
  @door({ instanceUuid: uuid, options: requestOptions })
  async unshelve(context: RequestContext, instanceUuid: string, options?: RequestOptions): Promise<AcceptedAction> {
    return await this.#accept({ name: 'unshelve', context, instanceUuid, options });
  }

  async #accept(asked: Asked): Promise<AcceptedAction> {
    const check: Asked['check'] = async (instance, target) => {
      await asked.check?.(instance, target);
      // Refused before anything is written, where there is none.
      void this.#parts.providers.images;
    };
    return await this.#parts.acceptance.accept({ ...asked, check });
  }
}

async function checkQuiesce(wish: QuiesceWish, target: TargetHost): Promise<void> {
  if (wish === 'require') await target.require('quiesce');
}
