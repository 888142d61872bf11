import { z } from 'zod';
import { FakeHypervisor } from '../hypervisor/fake-hypervisor.js';

/** Each message says what is accepted; whoever reads the configuration adds the field and its value. */
const milliseconds = z
  .int({ error: 'whole milliseconds, 0 or more' })
  .nonnegative({ error: 'whole milliseconds, 0 or more' });

const honouredByName = z.record(
  z.string(),
  z.union([z.literal('any'), z.array(z.string()).readonly()], { error: 'a list of values, any' }),
  { error: 'an object of lists of values' },
);

const fields = {
  /** The hypervisor to drive. Left out: one of its own, the same for every driver made from this configuration object. */
  hypervisor: z.instanceof(FakeHypervisor, { error: 'a FakeHypervisor' }).optional(),
  /** How long every answer of the hypervisor takes. Default 0. */
  latencyMs: milliseconds.optional(),
  /** How long to wait for `network-vif-plugged`. Default 300,000, Nova's `vif_plugging_timeout`. */
  vifPluggingTimeoutMs: milliseconds.optional(),
  /** Whether a guest whose network did not come in time is refused. Default true, Nova's `vif_plugging_is_fatal`. */
  vifPluggingIsFatal: z.boolean({ error: 'true, false' }).optional(),
  /** How long a guest may take for a `SOFT` reboot before it becomes a `HARD` one. Default 120,000, Nova's. */
  softRebootTimeoutMs: milliseconds.optional(),
  /** How long a guest may take to let go of a device. Default 20,000, Nova's `device_detach_timeout`. */
  detachTimeoutMs: milliseconds.optional(),
  /** How long an image that nobody needs is kept. Default 86,400,000, Nova's `remove_unused_original_minimum_age_seconds`. */
  imageCacheAgeMinMs: milliseconds.optional(),
  /** Which extra specs and image properties the driver says it acts on. Left out: it says nothing, and none is refused. */
  honoured: z
    .strictObject({ extraSpecs: honouredByName, imageProperties: honouredByName }, { error: 'an object of properties' })
    .optional(),
  /** How long undoing a failed call may take. Default 30,000. */
  undoTimeoutMs: milliseconds.optional(),
};

/** The configuration of the fake driver, as it is checked before anything starts. */
export const fakeConfiguration = z.strictObject(fields, { error: `an object of ${Object.keys(fields).join(', ')}` });

export type FakeConfiguration = z.output<typeof fakeConfiguration>;
