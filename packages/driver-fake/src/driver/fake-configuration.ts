import { z } from 'zod';
import { FakeHypervisor } from '../hypervisor/fake-hypervisor.js';

const milliseconds = z
  .number({ error: ({ input }) => `is ${describe(input)}; accepted: a number of milliseconds` })
  .int({ error: ({ input }) => `is ${describe(input)}; accepted: whole milliseconds` })
  .nonnegative({ error: ({ input }) => `is ${describe(input)}; accepted: 0 or more milliseconds` });

const fields = [
  'hypervisor',
  'latencyMs',
  'vifPluggingTimeoutMs',
  'vifPluggingIsFatal',
  'softRebootTimeoutMs',
  'undoTimeoutMs',
];

/** The configuration of the fake driver, as it is checked before anything starts. */
export const fakeConfiguration = z.strictObject(
  {
    /** The hypervisor to drive. Left out: one of its own, the same for every driver made from this configuration object. */
    hypervisor: z
      .instanceof(FakeHypervisor, { error: ({ input }) => `is ${describe(input)}; accepted: a FakeHypervisor` })
      .optional(),
    /** How long every answer of the hypervisor takes. Default 0. */
    latencyMs: milliseconds.optional(),
    /** How long to wait for `network-vif-plugged`. Default 300,000, Nova's `vif_plugging_timeout`. */
    vifPluggingTimeoutMs: milliseconds.optional(),
    /** Whether a guest whose network did not come in time is refused. Default true, Nova's `vif_plugging_is_fatal`. */
    vifPluggingIsFatal: z.boolean({ error: ({ input }) => `is ${describe(input)}; accepted: true, false` }).optional(),
    /** How long a guest may take for a `SOFT` reboot before it becomes a `HARD` one. Default 120,000, Nova's. */
    softRebootTimeoutMs: milliseconds.optional(),
    /** How long undoing a failed call may take. Default 30,000. */
    undoTimeoutMs: milliseconds.optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has ${issue.keys.join(', ')}; accepted: ${fields.join(', ')}`
        : `is ${describe(issue.input)}; accepted: an object`,
  },
);

export type FakeConfiguration = z.output<typeof fakeConfiguration>;

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' || typeof value === 'function' ? `a ${typeof value}` : JSON.stringify(value);
}
