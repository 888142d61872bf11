import { z } from 'zod';
import { Secret } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';

/** Fields and parameters that several requests have. Each says what is accepted; sizes are looked at before contents. */

const uuidPattern = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/i;
const UUID_CHARACTERS_MAX = 36;

/** A uuid, in lower case and with dashes, as all records have it. It may come in upper case and without dashes. */
export const uuid = z
  .string('a uuid')
  .max(UUID_CHARACTERS_MAX, { error: 'a uuid', abort: true })
  .regex(uuidPattern, { error: 'a uuid', abort: true })
  .overwrite((text) => text.toLowerCase().replace(uuidPattern, '$1-$2-$3-$4-$5'));

export const text = (charactersMax: number): z.ZodString =>
  z.string(`at most ${charactersMax} characters`).max(charactersMax, `at most ${charactersMax} characters`);

export const shortText = z.string('1 to 255 characters').min(1, '1 to 255 characters').max(255, '1 to 255 characters');

export const whole = (min: number, max: number): z.ZodNumber =>
  z
    .number(`a whole number from ${min} to ${max}`)
    .int(`a whole number from ${min} to ${max}`)
    .min(min, `a whole number from ${min} to ${max}`)
    .max(max, `a whole number from ${min} to ${max}`);

export const macAddress = z
  .string('a lower-case MAC address')
  .max(17, { error: 'a lower-case MAC address', abort: true })
  .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, 'a lower-case MAC address');

export const bus = z.enum(['virtio', 'scsi', 'sata', 'ide', 'usb'], 'virtio, scsi, sata, ide or usb');

/** What a tenant may wish for an interface. */
export const networkRequest = knownFields(
  { networkId: shortText.optional(), macAddress: macAddress.optional() },
  'an object with a networkId, a macAddress, both or neither',
);

/** Nova's `quota.metadata_items` and the width of its columns. */
const LABEL_COUNT_MAX = 128;

export const labels = z
  .record(shortText, text(255), {
    error: ({ code }) => (code === 'invalid_key' ? 'a name of 1 to 255 characters' : 'an object of texts'),
  })
  .refine((record) => Object.keys(record).length <= LABEL_COUNT_MAX, `at most ${LABEL_COUNT_MAX} fields`);

/** A day is more than any shutdown takes. */
const DAY_MS = 86_400_000;

/** How long a guest may take to stop by itself. It is asked once a second at most. */
export const stopping = {
  gracePeriodMs: whole(0, DAY_MS).optional(),
  retryIntervalMs: whole(1_000, DAY_MS).optional(),
};

const PASSWORD_CHARACTERS_MAX = 1_024;

/** What it is instead is not printed: most likely it is the password. */
export const adminPassword = z.custom<Secret>(
  (value) => value instanceof Secret && value.reveal().length >= 1 && value.reveal().length <= PASSWORD_CHARACTERS_MAX,
  'a Secret of 1 to 1,024 characters',
);

const signal = z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'an AbortSignal');

/** What every call may be sent with. */
export const callFields = { signal: signal.optional() };
export const callOptions = knownFields(callFields, 'an object of options').optional();
