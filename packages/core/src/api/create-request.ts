import { z } from 'zod';
import type { Flavor, Image, NetworkInterface } from '../driver/index.js';
import type { VolumeWish } from '../manager/volume-steps.js';
import { knownFields } from '../model/known-fields.js';
import type { NetworkRequest } from '../providers/network-provider.js';
import { bus, labels, networkRequest, shortText, uuid, whole } from '../requests/fields.js';
import { describedImage, describedInterface } from './described-parts.js';

export const flavorSchema = knownFields({
  name: shortText,
  vcpus: whole(1, 1024),
  memoryMib: whole(1, 64 * 1024 * 1024),
  rootDiskGib: whole(0, 1024 * 1024).default(0),
  extraSpecs: labels.default({}),
});

const volume = knownFields(
  { volumeId: shortText, bus: bus.default('virtio'), bootIndex: whole(0, 255).optional() },
  'an object with a volumeId',
);

export const createSchema = knownFields({
  uuid: uuid.optional(),
  name: shortText,
  flavor: flavorSchema,
  /** An image of the provider's, by its id; or one that is described, for those who may name files of the host. */
  imageId: shortText.optional(),
  image: describedImage.optional(),
  /**
   * Interfaces that the network provider gives; or such that are described, for those who may name devices of the host. Neither: one on the
   * provider's default network, where there is a provider. An empty list: none.
   */
  networks: z.array(networkRequest, 'a list').max(64, 'at most 64 interfaces').optional(),
  networkInterfaces: z.array(describedInterface, 'a list').max(64, 'at most 64 interfaces').optional(),
  volumes: z.array(volume, 'a list').max(64, 'at most 64 volumes').default([]),
  metadata: labels.default({}),
})
  .refine(({ image, imageId }) => image !== undefined || imageId !== undefined, {
    error: () => 'an image or an imageId',
    path: ['image'],
  })
  .refine(({ image, imageId }) => image === undefined || imageId === undefined, {
    error: () => 'an image or an imageId, not both',
    path: ['imageId'],
  })
  .refine(({ networks, networkInterfaces }) => networks === undefined || networkInterfaces === undefined, {
    error: () => 'networks or networkInterfaces, not both',
    path: ['networks'],
  })
  .refine(({ volumes }) => new Set(volumes.map(({ volumeId }) => volumeId)).size === volumes.length, {
    error: () => 'each volume once',
    path: ['volumes'],
  });

/** What `ComputeApi.create` takes. What has a default may be left out. */
export type CreateRequest = z.input<typeof createSchema>;

/** A checked request for an instance: of what is not there, nothing is wished. */
export interface InstanceDraft {
  readonly uuid?: string;
  readonly name: string;
  readonly flavor: Flavor;
  readonly imageId?: string;
  readonly image?: Image;
  readonly networks?: readonly NetworkRequest[];
  readonly networkInterfaces?: readonly NetworkInterface[];
  readonly volumes: readonly VolumeWish[];
  readonly metadata: Readonly<Record<string, string>>;
}
