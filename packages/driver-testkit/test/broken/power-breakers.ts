import { ComputeError } from '@virtkit/core/driver';
import { replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that do not bring a guest into the state they say. */
export const powerBreakers: readonly BrokenDriver[] = [
  {
    fault: 'powerOff leaves the vif of a guest that it has stopped',
    damage: replace('powerOff', async ({ driver, right, request, options, uuid }) => {
      const vif = driver.host.own(uuid) && driver.host.vifs.has(uuid);
      await right(request, options);
      if (vif) driver.host.vifs.add(uuid);
    }),
    caughtBy: ['powerOff leaves no vif and no secret of the guest behind'],
  },
  {
    fault: 'powerOff drops saved memory',
    damage: replace('powerOff', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.savedMemory.delete(uuid);
    }),
    caughtBy: ['powerOff of a suspended guest resolves and leaves it SUSPENDED, its memory saved'],
  },
  {
    fault: 'powerOff believes that without a guest there is nothing to do',
    damage: replace('powerOff', async ({ driver, right, request, options, uuid }) =>
      driver.isOpen && options === undefined && !driver.host.guests.has(uuid) ? undefined : right(request, options),
    ),
    caughtBy: ['powerOff of a guest that the hypervisor has lost removes its vifs'],
  },
  {
    fault: 'powerOff does nothing',
    others: 'may fail too',
    damage: replace('powerOff', async ({ driver, right, request, options, uuid }) => {
      if (options?.signal?.aborted || !driver.isOpen) return right(request, options);
      return driver.host.guests.get(uuid) ? undefined : right(request, options);
    }),
    caughtBy: [
      'powerOff leaves the guest SHUTDOWN',
      'powerOff leaves no vif and no secret of the guest behind',
      'powerOff with a grace period stops a guest that does not listen when the period is over',
      'powerOff with a grace period can be aborted within it',
      'powerOff is told as stopped',
      'powerOff called again resolves and changes nothing',
    ],
    hangs: 'until the deadline',
  },
  {
    fault: 'powerOff waits for ever for a guest that does not listen',
    damage: replace('powerOff', ({ driver, right, request, options, uuid }) =>
      driver.host.deaf.has(uuid) && request.gracePeriodMs === 100 ? new Promise(() => {}) : right(request, options),
    ),
    caughtBy: ['powerOff with a grace period stops a guest that does not listen when the period is over'],
    hangs: 'until the deadline',
  },
  {
    fault: 'powerOff cannot be aborted in its grace period',
    damage: replace('powerOff', ({ right, request, options }) => {
      const { gracePeriodMs } = request;
      return gracePeriodMs === undefined && options?.signal ? right(request, options) : right(request);
    }),
    caughtBy: ['powerOff with a grace period can be aborted within it'],
    hangs: 'until the deadline',
  },
  {
    fault: 'powerOn resolves before the guest runs',
    damage: replace('powerOn', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      const guest = driver.host.own(uuid);
      if (guest && guest.life > 0) guest.state = 'SHUTDOWN';
    }),
    caughtBy: [
      'powerOn leaves a guest that was off RUNNING',
      'powerOn makes anew a guest that the hypervisor has lost',
      'powerOn that fails leaves the guest off, and can be repeated',
      'powerOn called again resolves and changes nothing',
    ],
  },
  {
    fault: 'powerOn of a guest that is lost rejects',
    damage: replace('powerOn', async ({ driver, right, request, options, uuid }) => {
      if (!driver.host.guests.has(uuid)) throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
      return right(request, options);
    }),
    caughtBy: ['powerOn makes anew a guest that the hypervisor has lost'],
  },
  {
    fault: 'powerOn that fails leaves the guest paused',
    damage: replace('powerOn', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        const guest = driver.host.own(uuid);
        if (guest && driver.host.broken.has(uuid)) guest.state = 'PAUSED';
        throw failure;
      }
    }),
    caughtBy: ['powerOn that fails leaves the guest off, and can be repeated'],
  },
  {
    fault: 'pause says that it has paused, and has not',
    damage: replace('pause', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      const guest = driver.host.own(uuid);
      if (guest) guest.state = 'RUNNING';
    }),
    caughtBy: [
      'pause leaves the guest PAUSED',
      'unpause is told as resumed',
      'pause called again resolves and changes nothing',
    ],
    hangs: 'until the deadline',
  },
  {
    fault: 'pause of a guest that is off resolves',
    damage: replace('pause', async ({ driver, right, request, options, uuid }) =>
      driver.host.own(uuid)?.state === 'SHUTDOWN' ? undefined : right(request, options),
    ),
    caughtBy: ['pause of a guest that is off rejects with INSTANCE_INVALID_STATE and leaves it off'],
  },
  {
    fault: 'unpause does nothing',
    damage: replace('unpause', async ({ driver, right, request, options, uuid }) => {
      const state = driver.host.own(uuid)?.state;
      await right(request, options);
      const guest = driver.host.own(uuid);
      if (guest && state === 'PAUSED') guest.state = 'PAUSED';
    }),
    caughtBy: ['unpause leaves a paused guest RUNNING', 'unpause called again resolves and changes nothing'],
  },
  {
    fault: 'suspend stops the guest and saves nothing',
    damage: replace('suspend', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      driver.host.savedMemory.delete(uuid);
    }),
    caughtBy: [
      'powerOff of a suspended guest resolves and leaves it SUSPENDED, its memory saved',
      'suspend leaves the guest SUSPENDED, its memory saved',
      'saved memory outlives the driver',
      'resume that cannot start the guest keeps the saved memory for the next resume',
    ],
  },
  {
    fault: 'resume boots the guest',
    damage: replace('resume', async ({ driver, right, request, options, uuid }) => {
      const suspended = driver.host.own(uuid)?.state === 'SUSPENDED';
      await right(request, options);
      if (suspended) driver.host.boot(uuid, 'RUNNING');
    }),
    caughtBy: ['resume goes on with the life that was suspended'],
  },
  {
    fault: 'resume does not drop the saved memory',
    damage: replace('resume', async ({ driver, right, request, options, uuid }) => {
      const saved = driver.host.savedMemory.has(uuid);
      await right(request, options);
      if (saved) driver.host.savedMemory.add(uuid);
    }),
    caughtBy: ['resume leaves the guest RUNNING, nothing saved'],
  },
  {
    fault: 'resume that fails drops the saved memory',
    damage: replace('resume', async ({ driver, right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if (driver.host.broken.has(uuid)) driver.host.savedMemory.delete(uuid);
        throw failure;
      }
    }),
    caughtBy: ['resume that cannot start the guest keeps the saved memory for the next resume'],
  },
  {
    fault: 'saved memory is known only to the driver that saved it',
    damage: (driver) => {
      const saved = new Set<string>();
      replace('suspend', async ({ right, request, options, uuid }) => {
        saved.add(uuid);
        return right(request, options);
      })(driver);
      replace('inspect', async ({ right, request, options, uuid }) => {
        const inspection = (await right(request, options)) as { savedMemory: string };
        return saved.has(uuid) ? inspection : { ...inspection, savedMemory: 'absent' };
      })(driver);
    },
    caughtBy: ['saved memory outlives the driver'],
  },
];
