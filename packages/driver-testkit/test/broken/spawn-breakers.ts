import { replace, type BrokenDriver } from './broken-driver.js';

/** Drivers that make guests, or remove them, wrongly. */
export const spawnBreakers: readonly BrokenDriver[] = [
  {
    fault: 'spawn always starts the guest',
    damage: replace('spawn', ({ right, request }) => right({ instance: request.instance })),
    caughtBy: ['spawn that leaves the guest off leaves one that is SHUTDOWN'],
    others: 'may fail too',
    hangs: 'until the deadline',
  },
  {
    fault: 'spawn never starts the guest',
    damage: replace('spawn', ({ right, request, options }) => right({ ...request, start: 'leave-off' }, options)),
    caughtBy: ['spawn leaves a guest that is RUNNING'],
    others: 'may fail too',
    hangs: 'until the deadline',
  },
  {
    fault: 'spawn of an instance that is there starts anew',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      if (driver.host.own(uuid)) driver.remove(uuid);
      return right(request, options);
    }),
    caughtBy: [
      'spawn of an instance that has a guest rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
      'spawn of another generation, or of none, rejects with INSTANCE_EXISTS, effect none, and leaves the guest alone',
      'spawn of a generation rejects with INSTANCE_EXISTS where the guest has none, and leaves it alone',
    ],
  },
  {
    fault: 'guests of the same name are one guest',
    damage: (driver) => {
      const names = new Map<string, string>();
      replace('spawn', async ({ right, request, options, uuid }) => {
        const { name } = request.instance;
        const first = names.get(name);
        names.set(name, uuid);
        if (name === 'twin' && first) driver.remove(first);
        await right(request, options);
      })(driver);
      replace('destroy', async ({ right, request, options, uuid }) => {
        for (const [name, owner] of names) if (name === 'twin' && owner !== uuid) driver.remove(owner);
        return right(request, options);
      })(driver);
    },
    caughtBy: ['instances of the same name have guests of their own'],
  },
  {
    fault: 'spawn does not wait for the network',
    others: 'may fail too',
    damage: replace('start', ({ right, request }) => right({ ...request, networkInterfaces: [] })),
    caughtBy: [
      'spawn lets the guest run once its network is plugged, and not before',
      'spawn whose network fails rejects with VIF_PLUG_FAILED and leaves nothing',
      'spawn that is aborted while it waits for the network rejects and leaves nothing',
      'destroy gets through while a spawn of the same instance hangs, and nothing is left',
    ],
  },
  {
    fault: 'the guest runs while it waits for the network',
    damage: (driver) => {
      const { boot } = driver.host;
      driver.host.boot = (uuid) => boot.call(driver.host, uuid, 'RUNNING');
    },
    caughtBy: ['spawn lets the guest run once its network is plugged, and not before'],
  },
  {
    fault: 'spawn takes a network that failed for one that is there',
    damage: (driver) => {
      const { externalEvents } = driver.environment;
      const { deliver } = externalEvents as unknown as { deliver: (event: object) => unknown };
      Object.assign(externalEvents, {
        deliver: (event: object) => deliver.call(externalEvents, { ...event, status: 'completed' }),
      });
    },
    caughtBy: ['spawn whose network fails rejects with VIF_PLUG_FAILED and leaves nothing'],
    others: 'may fail too',
  },
  {
    fault: 'spawn cannot be aborted',
    damage: replace('spawn', ({ right, request, options }) => {
      return options?.signal?.aborted ? right(request, options) : right(request);
    }),
    caughtBy: ['spawn that is aborted while it waits for the network rejects and leaves nothing'],
    hangs: 'until the deadline',
  },
  {
    fault: 'spawn does not dispose what it expects',
    damage: (driver) => {
      const { externalEvents } = driver.environment;
      const expect = externalEvents.expect.bind(externalEvents);
      externalEvents.expect = (...args) => ({ ...expect(...args), [Symbol.dispose]: () => {} });
    },
    caughtBy: ['spawn stops expecting events when it is over'],
  },
  {
    fault: 'spawn that fails leaves the disk',
    others: 'may fail too',
    damage: replace('spawn', async ({ driver, right, request, options, uuid }) => {
      try {
        await right(request, options);
      } catch (failure) {
        if (driver.host.guests.get(uuid) === undefined && driver.isOpen) driver.host.disks.add(uuid);
        throw failure;
      }
    }),
    caughtBy: [
      'spawn whose network fails rejects with VIF_PLUG_FAILED and leaves nothing',
      'spawn that is aborted while it waits for the network rejects and leaves nothing',
      'spawn that goes on with an earlier one and fails leaves nothing',
      'spawn that fails leaves nothing, and can be repeated',
      'destroy gets through while a spawn of the same instance hangs, and nothing is left',
      'spawn with an aborted signal rejects and changes nothing',
    ],
  },
  {
    fault: 'destroy leaves the vif',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const vif = driver.host.vifs.has(uuid);
      await right(request, options);
      if (vif) driver.host.vifs.add(uuid);
    }),
    caughtBy: [
      'a second driver on the same host destroys what the first has made',
      'destroy leaves nothing of an instance on the host',
      'destroy removes what is left of a guest that the hypervisor has lost',
      'destroy that keeps the disks removes the guest, and a later destroy the rest',
      'calls for many instances at once all come to their end',
    ],
    others: 'may fail too',
  },
  {
    fault: 'destroy leaves saved memory',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      const saved = driver.host.savedMemory.has(uuid);
      await right(request, options);
      if (saved) driver.host.savedMemory.add(uuid);
    }),
    caughtBy: ['destroy leaves nothing of an instance whose memory is saved'],
  },
  {
    fault: 'destroy believes that without a guest there is nothing to do',
    damage: replace('destroy', async ({ driver, right, request, options, uuid }) => {
      if (driver.isOpen && !driver.host.guests.has(uuid)) return undefined;
      return right(request, options);
    }),
    caughtBy: [
      'destroy removes what is left of a guest that the hypervisor has lost',
      'destroy that keeps the disks removes the guest, and a later destroy the rest',
    ],
    others: 'may fail too',
  },
  {
    fault: 'destroy removes the disks even when they are to be kept',
    damage: replace('destroy', ({ right, request, options }) => {
      const { disks: _, ...whole } = request;
      return right(whole, options);
    }),
    caughtBy: ['destroy that keeps the disks leaves a hard reboot all it needs'],
    others: 'may fail too',
  },
  {
    fault: 'destroy that keeps the disks keeps the guest',
    damage: replace('destroy', async ({ right, request, options }) =>
      request.disks === 'keep' ? undefined : right(request, options),
    ),
    caughtBy: ['destroy that keeps the disks removes the guest, and a later destroy the rest'],
    others: 'may fail too',
  },
];
