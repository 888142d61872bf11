import { ComputeError, type PowerState } from '@virtkit/core/driver';
import type { Damage } from '../minimal-subject.js';
import { refuse, replace, type BrokenDriver } from './broken-driver.js';

/** Drivers whose reboot is not the universal repair. */
export const rebootBreakers: readonly BrokenDriver[] = [
  {
    fault: 'a HARD reboot of a running guest does nothing',
    others: 'may fail too',
    damage: replace('reboot', async ({ driver, right, request, options, uuid }) => {
      const idle = request.type === 'HARD' && driver.isOpen && driver.host.own(uuid)?.state === 'RUNNING';
      return idle && !driver.host.broken.has(uuid) && options === undefined ? undefined : right(request, options);
    }),
    caughtBy: [
      'a HARD reboot gives a running guest a new life',
      'a hard reboot gives a guest without a generation that of its spec',
    ],
  },
  {
    fault: 'a SOFT reboot of a guest that listens does nothing',
    damage: replace('reboot', async ({ driver, right, request, options, uuid }) =>
      request.type === 'SOFT' && !driver.host.deaf.has(uuid) ? undefined : right(request, options),
    ),
    caughtBy: ['a SOFT reboot gives a running guest a new life'],
  },
  {
    fault: 'a SOFT reboot gives up on a guest that does not listen',
    damage: replace('reboot', async ({ driver, right, request, options, uuid }) =>
      request.type === 'SOFT' && driver.host.deaf.has(uuid) ? undefined : right(request, options),
    ),
    caughtBy: ['a SOFT reboot of a guest that does not listen becomes a HARD one'],
  },
  {
    fault: 'a HARD reboot refuses a guest that is SHUTDOWN',
    damage: refusesState('SHUTDOWN'),
    caughtBy: [
      'a HARD reboot of a guest that is SHUTDOWN leaves it RUNNING, nothing saved',
      'a HARD reboot that fails leaves no running guest, vif or secret, and the next one repairs the instance',
    ],
  },
  ...(['PAUSED', 'SUSPENDED'] as const).map((state) => ({
    fault: `a HARD reboot refuses a guest that is ${state}`,
    damage: refusesState(state),
    caughtBy: [`a HARD reboot of a guest that is ${state} leaves it RUNNING, nothing saved`],
  })),
  {
    fault: 'a HARD reboot of a guest that is lost rejects',
    damage: replace('reboot', async ({ driver, right, request, options, uuid }) => {
      if (!driver.host.guests.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return right(request, options);
    }),
    caughtBy: [
      'destroy that keeps the disks leaves a hard reboot all it needs',
      'a HARD reboot repairs a guest that the hypervisor has lost',
      'a hard reboot makes a guest that is lost anew with its generation',
    ],
  },
  {
    fault: 'a HARD reboot that fails leaves the vif',
    damage: replace('reboot', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (driver.host.broken.has(uuid)) driver.host.vifs.add(uuid);
        throw failure;
      }
    }),
    caughtBy: [
      'a HARD reboot that fails leaves no running guest, vif or secret, and the next one repairs the instance',
    ],
  },
];

function refusesState(state: PowerState): Damage {
  return replace('reboot', async ({ driver, right, request, options, uuid }) =>
    driver.host.own(uuid)?.state === state ? refuse() : right(request, options),
  );
}
