import { z } from 'zod';

const uuid = z.string('a lower-case uuid').regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case uuid');
const name = z.string('1 to 255 characters').min(1, '1 to 255 characters').max(255, '1 to 255 characters');
const unicast = 'a lower-case unicast MAC address';

const request = z.object(
  {
    networkId: name.optional(),
    // The lowest bit of the first byte says: multicast.
    macAddress: z
      .string(unicast)
      .regex(/^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/, unicast)
      .refine((address) => address !== '00:00:00:00:00:00', unicast)
      .optional(),
  },
  'a request for an interface',
);

// A caller may hand in values that say more than the port asks for.
const whose = { instanceUuid: uuid, buildUuid: name.optional(), projectId: name, host: name };

const requests = z.array(request, 'a list').max(64, 'at most 64 interfaces');

export const requestsCall = z.object({ projectId: name, host: name, requests });

export const allocationCall = z.object({ ...whose, reservationId: name.optional(), requests });

export const attachmentCall = z.object({ ...whose, request, idempotencyKey: name });

export const moveCall = z.object({ instanceUuid: uuid, host: name });

export type CheckedRequest = z.output<typeof request>;
