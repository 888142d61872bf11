import type { z } from 'zod';
import type { Providers } from '../guard/providers.js';
import { attachedVolume, connectedVolume, refuseAttached } from '../manager/attached-volume.js';
import type { Instance } from '../model/instance.js';
import { knownFields } from '../model/known-fields.js';
import type { RequestContext } from '../model/request-context.js';
import type { Acceptance, AcceptedAction } from '../requests/acceptance.js';
import type { Checked } from '../requests/checked-request.js';
import { door } from '../requests/door.js';
import { bus, shortText, uuid, whole } from '../requests/fields.js';
import { requestOptions, type RequestOptions } from '../requests/request-options.js';

const attachment = knownFields({ volumeId: shortText, bus: bus.default('virtio') }, 'an object with a volumeId');
const swap = knownFields(
  { volumeId: shortText, newVolumeId: shortText },
  'an object with a volumeId and a newVolumeId',
);
const extension = knownFields(
  { volumeId: shortText, sizeMib: whole(1, 2 ** 40) },
  'an object with a volumeId and a sizeMib',
);
const snapshot = knownFields(
  { volumeId: shortText, snapshotId: shortText },
  'an object with a volumeId and a snapshotId',
);

/** Which volume an instance gets. What has a default may be left out. */
export type AttachVolumeRequest = z.input<typeof attachment>;

/**
 * The volumes of instances. Which volumes there are is another service's business; where none is configured everything is refused with
 * `NOT_SUPPORTED`. Common errors: those of `ComputeApi`, and `DEVICE_NOT_FOUND` for a volume that the instance has not.
 */
export class VolumesApi {
  readonly #acceptance: Acceptance;
  readonly #providers: Providers;

  constructor({ acceptance, providers }: { readonly acceptance: Acceptance; readonly providers: Providers }) {
    this.#acceptance = acceptance;
    this.#providers = providers;
  }

  /** Gives an instance a volume, in whatever state it is that has devices. @throws ComputeError `VOLUME_UNAVAILABLE` for one that it has */
  @door({ instanceUuid: uuid, request: attachment, options: requestOptions })
  async attach(
    context: RequestContext,
    instanceUuid: string,
    request: AttachVolumeRequest,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = request as Checked<typeof attachment>;
    const check = (instance: Instance): void => refuseAttached(instance, parameters.volumeId);
    return await this.#acceptance.accept({ name: 'attachVolume', context, instanceUuid, parameters, options, check });
  }

  /** Takes a volume from an instance; afterwards it is free. */
  @door({ instanceUuid: uuid, volumeId: shortText, options: requestOptions })
  async detach(
    context: RequestContext,
    instanceUuid: string,
    volumeId: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = { volumeId };
    const check = (instance: Instance): void => void attachedVolume(instance, volumeId);
    return await this.#acceptance.accept({ name: 'detachVolume', context, instanceUuid, parameters, options, check });
  }

  /** Puts a free volume in the place of one that a running guest has, with everything it holds. For administrators. */
  @door({ instanceUuid: uuid, request: swap, options: requestOptions })
  async swap(
    context: RequestContext,
    instanceUuid: string,
    request: { readonly volumeId: string; readonly newVolumeId: string },
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = request;
    const check = (instance: Instance): void => {
      connectedVolume(instance, parameters.volumeId);
      refuseAttached(instance, parameters.newVolumeId);
    };
    return await this.#acceptance.accept({ name: 'swapVolume', context, instanceUuid, parameters, options, check });
  }

  /** Makes a volume at least so large, and its guest see it. For administrators. The action's result is `{ sizeMib }`. */
  @door({ instanceUuid: uuid, request: extension, options: requestOptions })
  async extend(
    context: RequestContext,
    instanceUuid: string,
    request: { readonly volumeId: string; readonly sizeMib: number },
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = request;
    const check = (instance: Instance): void => void connectedVolume(instance, parameters.volumeId);
    return await this.#acceptance.accept({ name: 'extendVolume', context, instanceUuid, parameters, options, check });
  }

  /** Has a guest leave what its volume holds now as it is, and write elsewhere. For administrators. The action's result is `{ snapshotId }`. */
  @door({ instanceUuid: uuid, volumeId: shortText, options: requestOptions })
  async createSnapshot(
    context: RequestContext,
    instanceUuid: string,
    volumeId: string,
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = { volumeId };
    const check = (instance: Instance): void => void connectedVolume(instance, volumeId);
    return await this.#acceptance.accept({
      name: 'volumeSnapshotCreate',
      context,
      instanceUuid,
      parameters,
      options,
      check,
    });
  }

  /** Merges a snapshot into what is beneath it. One that is not there is deleted. For administrators. */
  @door({ instanceUuid: uuid, request: snapshot, options: requestOptions })
  async deleteSnapshot(
    context: RequestContext,
    instanceUuid: string,
    request: { readonly volumeId: string; readonly snapshotId: string },
    options?: RequestOptions,
  ): Promise<AcceptedAction> {
    this.#requireVolumes();
    const parameters = request;
    const check = (instance: Instance): void => void connectedVolume(instance, parameters.volumeId);
    return await this.#acceptance.accept({
      name: 'volumeSnapshotDelete',
      context,
      instanceUuid,
      parameters,
      options,
      check,
    });
  }

  /** Before anything is looked at, whether there are volumes at all: an instance is not told from another by that. */
  #requireVolumes(): void {
    void this.#providers.volumes;
  }
}
