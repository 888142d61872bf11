import { z } from 'zod';
import { knownFields } from '../model/known-fields.js';

/** How much more than a host has may be given away, as a factor for each resource. */
export interface AllocationRatios {
  /** Default 4: CPUs are shared well. */
  readonly vcpus: number;
  /** Default 1: memory that is not there stops guests. */
  readonly memory: number;
  /** Default 1. */
  readonly disk: number;
}

export interface ClaimsConfiguration {
  readonly ratios?: Partial<AllocationRatios>;
}

const ratio = z
  .number('a number greater than 0, at most 1,000')
  .gt(0, 'a number greater than 0, at most 1,000')
  .max(1_000, 'a number greater than 0, at most 1,000');

/** Nova's initial ratios are the defaults. */
export const claimsSchema = knownFields({
  ratios: knownFields({ vcpus: ratio.default(4), memory: ratio.default(1), disk: ratio.default(1) }).default({
    vcpus: 4,
    memory: 1,
    disk: 1,
  }),
}).default({ ratios: { vcpus: 4, memory: 1, disk: 1 } });
