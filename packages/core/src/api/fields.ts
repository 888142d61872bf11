import { z } from 'zod';

/** What is accepted, as the error says it. */
export const say = (accepted: string): { error: () => string } => ({ error: () => accepted });

/** Fields that several requests have. */
export const uuid = z
  .string(say('a lower-case uuid'))
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, say('a lower-case uuid'));

export const shortText = z
  .string(say('1 to 255 characters'))
  .min(1, say('1 to 255 characters'))
  .max(255, say('1 to 255 characters'));

export const whole = (min: number, max: number): z.ZodNumber =>
  z
    .number(say(`a whole number from ${min} to ${max}`))
    .int(say(`a whole number from ${min} to ${max}`))
    .min(min, say(`a whole number from ${min} to ${max}`))
    .max(max, say(`a whole number from ${min} to ${max}`));

export const macAddress = z
  .string(say('a lower-case MAC address'))
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, say('a lower-case MAC address'));

const buses = 'virtio, scsi, sata, ide or usb';
export const bus = z.enum(['virtio', 'scsi', 'sata', 'ide', 'usb'], say(buses));

/** What a tenant may wish for an interface. */
export const networkRequest = z.strictObject(
  { networkId: shortText.optional(), macAddress: macAddress.optional() },
  say('an object with a networkId, a macAddress, both or neither'),
);

export const labels = z.record(z.string(), z.string(say('text')), say('an object of texts'));

/** How long a guest may take to stop by itself. A day is more than any shutdown takes. */
export const stopping = {
  gracePeriodMs: whole(0, 86_400_000).optional(),
  retryIntervalMs: whole(1, 86_400_000).optional(),
};
