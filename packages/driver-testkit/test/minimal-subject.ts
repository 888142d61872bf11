import { randomUUID } from 'node:crypto';
import type { InstanceSpec } from '@virtkit/core/driver';
import type { DriverUnderTest } from '../src/index.js';
import { MinimalDriver, minimalCapabilities } from './minimal-driver.js';
import { minimalDeviceTroubles } from './minimal-device-troubles.js';
import { minimalMoveTroubles } from './minimal-move-troubles.js';
import { MinimalHost } from './minimal-host.js';

/** Damage done to a driver right after it was made. */
export type Damage = (driver: MinimalDriver) => void;

const hostOf = (driver: object): MinimalHost => (driver as MinimalDriver).host;

/** The minimal driver as a subject of the suite; every driver made of it is damaged alike. */
export function minimalSubject(damage: Damage = () => {}): DriverUnderTest {
  const make = (...parts: ConstructorParameters<typeof MinimalDriver>): MinimalDriver => {
    const driver = new MinimalDriver(...parts);
    damage(driver);
    return driver;
  };
  return {
    capabilities: minimalCapabilities,
    createDriver(environment) {
      const host = new MinimalHost();
      host.network.hosts.set(environment.host, host);
      return make(host, environment);
    },
    instance: minimalInstance,
    // The minimal driver needs no time at all; a rule that is not over by then hangs.
    ruleTimeoutMs: 2_000,
    troubles: {
      secondDriver: (driver, environment) => make(hostOf(driver), environment),
      die(driver) {
        (driver as MinimalDriver).isOpen = false;
      },
      breakStart(driver, { uuid }) {
        hostOf(driver).broken.add(uuid);
        return {
          hostWords: ['/var/minimal', 'minimal-host-9'],
          heal: () => void hostOf(driver).broken.delete(uuid),
        };
      },
      loseGuest: (driver, uuid) => void hostOf(driver).guests.delete(uuid),
      foreignGuest(driver) {
        const host = hostOf(driver);
        const uuid = randomUUID();
        host.addGuest(uuid, 'stranger', 'RUNNING');
        host.disks.add(uuid);
        return {
          uuid,
          look: () => (host.guests.get(uuid)?.state === 'RUNNING' && host.disks.has(uuid) ? 'untouched' : 'touched'),
        };
      },
      stopFromInside(driver, uuid) {
        const guest = hostOf(driver).own(uuid);
        if (guest) guest.state = 'SHUTDOWN';
        hostOf(driver).tell(uuid, 'stopped');
      },
      restartHypervisor: (driver) => hostOf(driver).restart(),
      ignoreShutdown: (driver, uuid) => void hostOf(driver).deaf.add(uuid),
      lifeOf: (driver, uuid) => String(hostOf(driver).own(uuid)?.life),
      ...minimalDeviceTroubles(hostOf),
      ...minimalMoveTroubles(hostOf, make),
      downInterface: () => ({ id: randomUUID(), type: 'user', macAddress: 'fa:16:3e:00:00:01', status: 'down' }),
    },
  };
}

function minimalInstance(overrides: Partial<InstanceSpec> = {}): InstanceSpec {
  return {
    uuid: randomUUID(),
    name: 'minimal',
    projectId: 'project',
    userId: 'user',
    flavor: { name: 'small', vcpus: 1, memoryMib: 64, rootDiskGib: 1, extraSpecs: {} },
    image: {
      id: '00000000-0000-4000-8000-00000000c1a0',
      name: 'minimal',
      diskFormat: 'raw',
      minDiskGib: 0,
      minMemoryMib: 0,
      location: { disk: '/var/minimal/image' },
      properties: {},
    },
    networkInterfaces: [],
    blockDevices: [],
    metadata: {},
    ...overrides,
  };
}
