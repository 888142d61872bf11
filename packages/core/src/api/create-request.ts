import { z } from 'zod';
import { ComputeError, type InstanceSpec } from '../driver/index.js';
import type { RequestContext } from '../model/request-context.js';
import { checkInput } from './input-problem.js';

const say = (accepted: string): { error: () => string } => ({ error: () => accepted });

const uuid = z.string(say('a uuid')).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, say('a lower-case uuid'));
const name = z
  .string(say('1 to 255 characters'))
  .min(1, say('1 to 255 characters'))
  .max(255, say('1 to 255 characters'));
const labels = z.record(z.string(), z.string(say('text')), say('an object of texts'));
const path = z.string(say('an absolute path')).startsWith('/', say('an absolute path'));
const whole = (min: number, max: number): z.ZodNumber =>
  z
    .number(say(`a whole number from ${min} to ${max}`))
    .int(say(`a whole number from ${min} to ${max}`))
    .min(min, say(`a whole number from ${min} to ${max}`))
    .max(max, say(`a whole number from ${min} to ${max}`));

const flavor = z.strictObject({
  name,
  vcpus: whole(1, 1024),
  memoryMib: whole(1, 64 * 1024 * 1024),
  rootDiskGib: whole(0, 1024 * 1024).default(0),
  extraSpecs: labels.default({}),
});

const image = z.strictObject({
  id: z.string(say('1 to 255 characters')).min(1, say('1 to 255 characters')).max(255, say('1 to 255 characters')),
  name,
  diskFormat: z.enum(['qcow2', 'raw'], say('qcow2 or raw')).default('qcow2'),
  minDiskGib: whole(0, 1024 * 1024).default(0),
  minMemoryMib: whole(0, 64 * 1024 * 1024).default(0),
  properties: labels.default({}),
  location: z
    .strictObject({
      disk: path.optional(),
      kernel: path.optional(),
      ramdisk: path.optional(),
      kernelCommandLine: z.string(say('text')).max(2048, say('at most 2048 characters')).optional(),
    })
    .refine(
      (location) => location.disk !== undefined || location.kernel !== undefined,
      say('a disk, a kernel, or both'),
    ),
});

const interfaceIdentity = {
  id: uuid,
  macAddress: z.string(say('a MAC address')).regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, say('a lower-case MAC address')),
  mtuBytes: whole(68, 65_536).optional(),
  status: z.enum(['active', 'down'], say('active or down')).default('active'),
};
const networkInterface = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('user'), ...interfaceIdentity }),
    z.strictObject({
      type: z.literal('bridge'),
      ...interfaceIdentity,
      // IFNAMSIZ is 16 with the closing NUL.
      bridge: z
        .string(say('a device name'))
        .regex(/^[A-Za-z0-9_.-]{1,15}$/, say('a device name of at most 15 characters')),
    }),
    z.strictObject({
      type: z.literal('network'),
      ...interfaceIdentity,
      network: z.string(say('a network name')).regex(/^[A-Za-z0-9_.-]{1,64}$/, say('a network name')),
    }),
  ],
  say('a network interface of type user, bridge or network'),
);

const createSchema = z.strictObject({
  uuid: uuid.optional(),
  name,
  flavor,
  image,
  networkInterfaces: z.array(networkInterface, say('a list')).max(64, say('at most 64 interfaces')).default([]),
  metadata: labels.default({}),
});

/** What `ComputeApi.create` takes. What has a default may be left out. */
export type CreateRequest = z.input<typeof createSchema>;

/** The request as a spec. @throws ComputeError `INVALID_INPUT`, naming the field, its value and what is accepted */
export async function specFromRequest(request: CreateRequest, context: RequestContext): Promise<InstanceSpec> {
  const checked = await checkInput(createSchema, request, '');
  if ('problem' in checked) throw new ComputeError('INVALID_INPUT', { ...checked.problem });
  const { uuid: given, ...fields } = checked.value;
  const { projectId, userId } = context;
  const spec = { uuid: given ?? globalThis.crypto.randomUUID(), projectId, userId, blockDevices: [], ...fields };
  return withoutUndefined(spec) as InstanceSpec;
}

/** zod keeps a left-out optional field as `undefined`; our values leave it out. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [key, withoutUndefined(field)]),
  );
}
