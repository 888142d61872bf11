import { ComputeError, type ConsoleEndpoint, type Diagnostics, type HostCpuStats } from '@virtkit/core/driver';
import { refuse, replace, type BrokenDriver } from './broken-driver.js';

const consoleMethods = ['getVncConsole', 'getSpiceConsole', 'getSerialConsole', 'getMksConsole'] as const;

/** Drivers that are wrong about the inside of guests, their consoles and the host. */
export const hostBreakers: readonly BrokenDriver[] = [
  {
    fault: 'setAdminPassword sets the first password only',
    damage: replace('setAdminPassword', async ({ driver, right, request, options, uuid }) =>
      driver.host.own(uuid)?.inside.adminPassword === undefined ? right(request, options) : undefined,
    ),
    caughtBy: ["setAdminPassword gives the guest's administrator the password, also when called again"],
    others: 'may fail too',
  },
  ...(['setAdminPassword', 'quiesce'] as const).map((name) => ({
    fault: `${name} takes a silent agent for another failure`,
    damage: replace(name, async ({ right, request, options, uuid }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'AGENT_UNAVAILABLE') throw failure;
        throw new ComputeError('GUEST_OPERATION_FAILED', { instanceUuid: uuid, operation: name });
      }
    }),
    caughtBy: [`${name} without an agent rejects with AGENT_UNAVAILABLE, effect none`],
  })),
  {
    fault: 'the password is logged',
    damage: replace('setAdminPassword', async ({ driver, right, request, options }) => {
      driver.environment.log.debug({ password: request.password.reveal() }, 'set');
      return right(request, options);
    }),
    caughtBy: ['neither a log line nor an error tells the password'],
  },
  {
    fault: 'quiesce freezes nothing',
    damage: replace('quiesce', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      const guest = driver.host.own(uuid);
      if (guest) guest.inside.fileSystems = 'writable';
    }),
    caughtBy: ['quiesce freezes the file systems of a running guest, also when called again, and unquiesce thaws them'],
  },
  {
    fault: 'a quiesced guest stays frozen',
    damage: replace('quiesce', ({ right, request, options }) => right({ ...request, freezeMsMax: 600_000 }, options)),
    caughtBy: ['a quiesced guest is thawed by itself when freezeMsMax is over'],
    hangs: 'until the deadline',
  },
  {
    fault: 'triggerCrashDump tells nobody',
    damage: replace('triggerCrashDump', async ({ driver, right, request, options, uuid }) => {
      const count = driver.host.own(uuid)?.inside.crashDumpCount;
      await right(request, options);
      const guest = driver.host.own(uuid);
      if (guest && count !== undefined) guest.inside.crashDumpCount = count;
    }),
    caughtBy: ['triggerCrashDump tells the running guest to write its crash dump'],
  },
  ...(['triggerCrashDump', 'getDiagnostics'] as const).map((name) => ({
    fault: `${name} takes a guest that is off for one that runs`,
    damage: replace(name, async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'INSTANCE_INVALID_STATE') throw failure;
        return undefined;
      }
    }),
    caughtBy: [`${name} of a guest that is off rejects with INSTANCE_INVALID_STATE`],
  })),
  {
    fault: 'getDiagnostics tells of the memory in KiB',
    damage: replace('getDiagnostics', async ({ right, request, options }) => {
      const diagnostics = (await right(request, options)) as Diagnostics;
      return { ...diagnostics, memory: { maximumMib: diagnostics.memory.maximumMib * 1024 } };
    }),
    caughtBy: ['getDiagnostics tells the figures of a running guest'],
  },
  ...consoleMethods.flatMap((name): readonly BrokenDriver[] => [
    {
      fault: `${name} has no port`,
      damage: replace(name, async ({ right, request, options }) => ({
        ...((await right(request, options)) as ConsoleEndpoint),
        port: -1,
      })),
      caughtBy: [
        `${name} tells where a proxy finds the console of a running guest`,
        `${name} tells two running guests apart`,
      ],
    },
    {
      fault: `${name} takes a guest that is off for one without a guest`,
      damage: replace(name, async ({ right, request, options, uuid }) => {
        try {
          return await right(request, options);
        } catch (failure) {
          if ((failure as ComputeError).code !== 'CONSOLE_UNAVAILABLE') throw failure;
          throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: uuid });
        }
      }),
      caughtBy: [`${name} of a guest that is off rejects with CONSOLE_UNAVAILABLE`],
    },
  ]),
  {
    fault: 'getHostUptimeMs runs backwards',
    damage: replace('getHostUptimeMs', async ({ right, request, options }) => {
      await right(request, options);
      return -Math.floor(performance.now());
    }),
    caughtBy: ['getHostUptimeMs tells whole milliseconds that grow'],
  },
  {
    fault: 'getHostCpuStats has no frequency',
    damage: replace('getHostCpuStats', async ({ right, request, options }) => ({
      ...((await right(request, options)) as HostCpuStats),
      frequencyMhz: 0,
    })),
    caughtBy: ['getHostCpuStats tells times that do not shrink, and a frequency'],
  },
  {
    fault: 'hostPowerAction does nothing',
    damage: replace('hostPowerAction', async ({ right, options }) => right({ action: 'startup' }, options)),
    caughtBy: ['hostPowerAction reboot stops the guests, and a driver that comes after it finds them SHUTDOWN'],
  },
  {
    fault: 'hostPowerAction always reboots',
    damage: replace('hostPowerAction', async ({ right, options }) => right({ action: 'reboot' }, options)),
    caughtBy: ['hostPowerAction startup of a host that is up leaves its guests running'],
  },
  {
    fault: 'setHostMode rejects the mode that is set already',
    damage: (driver) => {
      let mode: unknown;
      replace('setHostMode', async ({ right, request, options }) => {
        if (request.mode === mode) refuse();
        await right(request, options);
        mode = request.mode;
      })(driver);
    },
    caughtBy: ['setHostMode takes every mode, also twice, and its guests go on'],
  },
  {
    fault: 'resumeStateOnHostBoot boots a guest that runs',
    damage: replace('resumeStateOnHostBoot', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.own(uuid)?.state !== 'RUNNING') return right(request, options);
      driver.stop(uuid);
      return undefined;
    }),
    caughtBy: ['resumeStateOnHostBoot leaves the guest RUNNING, also when called again'],
    others: 'may fail too',
  },
  {
    fault: 'resumeStateOnHostBoot keeps a failed start to itself',
    damage: replace('resumeStateOnHostBoot', async ({ right, request, options }) => {
      try {
        return await right(request, options);
      } catch (failure) {
        if ((failure as ComputeError).code !== 'GUEST_START_FAILED') throw failure;
        return undefined;
      }
    }),
    caughtBy: ['resumeStateOnHostBoot of a guest that cannot start rejects with GUEST_START_FAILED'],
  },
  {
    fault: 'deleteInstanceFiles removes nothing',
    damage: replace('deleteInstanceFiles', async ({ driver }) => driver.begin({})),
    caughtBy: ['deleteInstanceFiles removes the files of a guest that is gone, also when called again'],
    others: 'may fail too',
  },
  {
    fault: 'deleteInstanceFiles removes the disk under a guest',
    damage: replace('deleteInstanceFiles', async ({ driver, right, request, options, uuid }) => {
      await right(request, options);
      if (driver.host.own(uuid)) driver.host.disks.delete(uuid);
    }),
    caughtBy: ['deleteInstanceFiles leaves a guest alone that is there'],
    others: 'may fail too',
  },
  {
    fault: 'powerUpdateEvent is not heard',
    damage: replace('powerUpdateEvent', async ({ driver, right, request, options, uuid }) =>
      driver.isOpen && options === undefined && driver.host.own(uuid) ? undefined : right(request, options),
    ),
    caughtBy: [
      'powerUpdateEvent that names another generation rejects with INSTANCE_NOT_FOUND and touches nothing',
      'powerUpdateEvent leaves the guest in the power state it was told of, also when told again',
    ],
  },
];
