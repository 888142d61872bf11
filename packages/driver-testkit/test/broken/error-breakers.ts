import { ComputeError } from '@virtkit/core/driver';
import { replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that tell of a failed start what they should not, or not what they should. */
export const errorBreakers: readonly BrokenDriver[] = [
  {
    fault: "errors leave in the hypervisor's own class",
    damage: replace('spawn', async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        const { code, cause } = failure as ComputeError;
        throw code === 'GUEST_START_FAILED' ? cause : failure;
      }
    }),
    caughtBy: [
      'a start that the hypervisor refuses is GUEST_START_FAILED',
      "a tenant reads none of the host's words",
      "an operator reads the hypervisor's own words",
      'spawn that fails leaves nothing, and can be repeated',
    ],
    others: 'may fail too',
  },
  {
    fault: 'a refused start is told as something else',
    damage: replace('spawn', async ({ right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        const { code, cause } = failure as ComputeError;
        if (code !== 'GUEST_START_FAILED') throw failure;
        throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: uuid, operation: 'start' }, { cause });
      }
    }),
    caughtBy: ['a start that the hypervisor refuses is GUEST_START_FAILED'],
    others: 'may fail too',
  },
  {
    fault: "a tenant reads the hypervisor's words",
    damage: replace('spawn', async ({ right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        const { code, cause } = failure as ComputeError;
        if (code !== 'GUEST_START_FAILED') throw failure;
        const details = { instanceUuid: uuid, reason: 'disk', why: String(cause) } as const;
        throw new ComputeError('GUEST_START_FAILED', details, { cause });
      }
    }),
    caughtBy: ["a tenant reads none of the host's words"],
  },
  {
    fault: "an operator cannot read the hypervisor's words",
    damage: replace('spawn', async ({ right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'GUEST_START_FAILED') throw failure;
        throw new ComputeError('GUEST_START_FAILED', { instanceUuid: uuid, reason: 'disk' });
      }
    }),
    caughtBy: ["an operator reads the hypervisor's own words"],
  },
];
