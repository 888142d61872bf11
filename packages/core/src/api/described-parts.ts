import { z } from 'zod';
import { macAddress, shortText, uuid, whole } from '../requests/fields.js';

const labels = z.record(z.string(), z.string('text'), 'an object of texts');
const path = z.string('an absolute path').startsWith('/', 'an absolute path');

/** An image that is described by whoever embeds the manager and knows its host. */
export const describedImage = z.strictObject({
  id: shortText,
  name: shortText,
  diskFormat: z.enum(['qcow2', 'raw'], 'qcow2 or raw').default('qcow2'),
  minDiskGib: whole(0, 1024 * 1024).default(0),
  minMemoryMib: whole(0, 64 * 1024 * 1024).default(0),
  properties: labels.default({}),
  location: z
    .strictObject({
      disk: path.optional(),
      kernel: path.optional(),
      ramdisk: path.optional(),
      kernelCommandLine: z.string('text').max(2048, 'at most 2048 characters').optional(),
    })
    .refine((location) => location.disk !== undefined || location.kernel !== undefined, 'a disk, a kernel, or both'),
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
    z.strictObject({ type: z.literal('user'), ...interfaceIdentity }),
    z.strictObject({
      type: z.literal('bridge'),
      ...interfaceIdentity,
      // IFNAMSIZ is 16 with the closing NUL.
      bridge: z.string('a device name').regex(/^[A-Za-z0-9_.-]{1,15}$/, 'a device name of at most 15 characters'),
    }),
    z.strictObject({
      type: z.literal('network'),
      ...interfaceIdentity,
      network: z.string('a network name').regex(/^[A-Za-z0-9_.-]{1,64}$/, 'a network name'),
    }),
  ],
  'a network interface of type user, bridge or network',
);
