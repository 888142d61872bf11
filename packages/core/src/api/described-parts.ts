import { z } from 'zod';
import { knownFields } from '../model/known-fields.js';
import { labels, macAddress, shortText, text, uuid, whole } from '../requests/fields.js';

/** Linux's PATH_MAX. */
const PATH_CHARACTERS_MAX = 4_096;

const path = z
  .string('an absolute path')
  .max(PATH_CHARACTERS_MAX, 'an absolute path')
  .startsWith('/', 'an absolute path');

/** An image that is described by whoever embeds the manager and knows its host. */
export const describedImage = knownFields({
  id: shortText,
  name: shortText,
  diskFormat: z.enum(['qcow2', 'raw'], 'qcow2 or raw').default('qcow2'),
  minDiskGib: whole(0, 1024 * 1024).default(0),
  minMemoryMib: whole(0, 64 * 1024 * 1024).default(0),
  properties: labels.default({}),
  location: knownFields({
    disk: path.optional(),
    kernel: path.optional(),
    ramdisk: path.optional(),
    kernelCommandLine: text(2048).optional(),
  }).refine((location) => location.disk !== undefined || location.kernel !== undefined, 'a disk, a kernel, or both'),
});

const interfaceIdentity = {
  id: uuid,
  macAddress,
  mtuBytes: whole(68, 65_536).optional(),
  status: z.enum(['active', 'down'], 'active or down').default('active'),
};

/** A network interface that is described by whoever embeds the manager and knows its host. */
export const describedInterface = z.discriminatedUnion(
  'type',
  [
    knownFields({ type: z.literal('user'), ...interfaceIdentity }),
    knownFields({
      type: z.literal('bridge'),
      ...interfaceIdentity,
      // IFNAMSIZ is 16 with the closing NUL.
      bridge: z.string('a device name').regex(/^[A-Za-z0-9_.-]{1,15}$/, 'a device name of at most 15 characters'),
    }),
    knownFields({
      type: z.literal('network'),
      ...interfaceIdentity,
      network: z.string('a network name').regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a network name'),
    }),
  ],
  'a network interface of type user, bridge or network',
);
