import { z } from 'zod';

/** Fields that several requests have. */
export const uuid = z
  .string('a lower-case uuid')
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case uuid');

export const shortText = z.string('1 to 255 characters').min(1, '1 to 255 characters').max(255, '1 to 255 characters');

export const whole = (min: number, max: number): z.ZodNumber =>
  z
    .number(`a whole number from ${min} to ${max}`)
    .int(`a whole number from ${min} to ${max}`)
    .min(min, `a whole number from ${min} to ${max}`)
    .max(max, `a whole number from ${min} to ${max}`);

export const macAddress = z
  .string('a lower-case MAC address')
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'a lower-case MAC address');

const buses = 'virtio, scsi, sata, ide or usb';
export const bus = z.enum(['virtio', 'scsi', 'sata', 'ide', 'usb'], buses);

/** What a tenant may wish for an interface. */
export const networkRequest = z.strictObject(
  { networkId: shortText.optional(), macAddress: macAddress.optional() },
  'an object with a networkId, a macAddress, both or neither',
);

export const labels = z.record(z.string(), z.string('text'), 'an object of texts');

/** How long a guest may take to stop by itself. A day is more than any shutdown takes. */
export const stopping = {
  gracePeriodMs: whole(0, 86_400_000).optional(),
  retryIntervalMs: whole(1, 86_400_000).optional(),
};
