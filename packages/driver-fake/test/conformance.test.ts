import { describe, expect, it } from 'vitest';
import type { ComputeDriver } from '@virtkit/core/driver';
import { driverConformance, testEnvironment, unprovenRules, type DriverUnderTest } from '@virtkit/driver-testkit';
import { FakeDatacenter, FakeDriver, FakeHypervisor, FakeHypervisorError, VirtualClock } from '../src/index.js';
import { devicesInside, deviceTroubles } from './device-troubles.js';
import { instanceSpec, networkInterface } from './instance-spec.js';

const hypervisors = new WeakMap<ComputeDriver, FakeHypervisor>();
const datacenters = new WeakMap<ComputeDriver, FakeDatacenter>();

function hypervisorOf(driver: ComputeDriver): FakeHypervisor {
  const hypervisor = hypervisors.get(driver);
  if (hypervisor === undefined) throw new TypeError('A driver of another test.');
  return hypervisor;
}

function datacenterOf(driver: ComputeDriver): FakeDatacenter {
  const datacenter = datacenters.get(driver);
  if (datacenter === undefined) throw new TypeError('A driver of another test.');
  return datacenter;
}

const subject: DriverUnderTest = {
  capabilities: new FakeDriver({ hypervisor: new FakeHypervisor({ clock: new VirtualClock() }) }, testEnvironment())
    .capabilities,
  createDriver(environment) {
    const datacenter = new FakeDatacenter({ clock: environment.clock });
    const hypervisor = datacenter.addHost(environment.host);
    const driver = new FakeDriver({ hypervisor, softRebootTimeoutMs: 100, detachTimeoutMs: 100 }, environment);
    hypervisors.set(driver, hypervisor);
    datacenters.set(driver, datacenter);
    return driver;
  },
  instance: instanceSpec,
  discardHost: (driver) => hypervisorOf(driver)[Symbol.dispose](),
  troubles: {
    secondDriver: (driver, environment) => new FakeDriver({ hypervisor: hypervisorOf(driver) }, environment),
    die(driver) {
      // At the next step of a snapshot that tells how it goes on.
      const fault = { type: 'die', when: 'before', die: () => undefined } as const;
      hypervisorOf(driver).faults.add({ at: 'copyCapture', fault });
    },
    breakStart(driver, { uuid }) {
      const message = `unable to open /srv/fake/disks/${uuid}/root on host-canary-7`;
      const error = new FakeHypervisorError('cannot-start', message, 'disk');
      const { faults } = hypervisorOf(driver);
      const planned = (['start', 'restoreMemory'] as const).map((at) =>
        faults.add({ at, instanceUuid: uuid, times: 'always', fault: { type: 'throw', error } }),
      );
      return {
        hostWords: ['/srv/fake', 'host-canary-7'],
        heal: () => planned.forEach((fault) => fault.cancel()),
      };
    },
    loseGuest: (driver, uuid) => hypervisorOf(driver).loseGuest(uuid),
    foreignGuest(driver) {
      const hypervisor = hypervisorOf(driver);
      const spec = instanceSpec({ name: 'stranger', networkInterfaces: [networkInterface()] });
      hypervisor.addForeignGuest(spec);
      const before = JSON.stringify(hypervisor.look(spec.uuid));
      return {
        uuid: spec.uuid,
        look: () => (JSON.stringify(hypervisor.look(spec.uuid)) === before ? 'untouched' : 'touched'),
      };
    },
    stopFromInside: (driver, uuid) => hypervisorOf(driver).stopGuest(uuid),
    restartHypervisor: (driver) => hypervisorOf(driver).dropConnections(),
    ignoreShutdown: (driver, uuid) => hypervisorOf(driver).setShutdownManner(uuid, 'never'),
    lifeOf: (driver, uuid) => String(hypervisorOf(driver).look(uuid).guest?.life),
    otherHost(driver, environment) {
      const hypervisor = datacenterOf(driver).addHost(environment.host);
      const other = new FakeDriver({ hypervisor }, environment);
      hypervisors.set(other, hypervisor);
      return { driver: other, address: environment.host };
    },
    cutLink: (driver) => datacenterOf(driver).cutLink('test-host', 'other-test-host'),
    busyGuest: (driver, uuid) => hypervisorOf(driver).setDirtyRate(uuid, Infinity),
    silenceAgent: (driver, uuid) => hypervisorOf(driver).setAgent(uuid, 'absent'),
    lookInside(driver, uuid) {
      const { adminPassword, ...inside } = hypervisorOf(driver).lookInside(uuid);
      return {
        ...inside,
        ...devicesInside(hypervisorOf(driver), uuid),
        ...(adminPassword !== undefined && { adminPassword }),
      };
    },
    downInterface: () => networkInterface({ status: 'down' }),
    ...deviceTroubles(hypervisorOf),
  },
};

driverConformance({ describe, it }, subject);

describe('the conformance of the fake driver', () => {
  it('leaves no rule unproven', () => {
    expect(unprovenRules(subject)).toEqual([]);
  });
});
