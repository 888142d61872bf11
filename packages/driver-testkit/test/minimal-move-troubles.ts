import type { ComputeDriver, DriverEnvironment } from '@virtkit/core/driver';
import type { DriverUnderTest } from '../src/index.js';
import { minimalDevicesInside } from './minimal-device-troubles.js';
import { MinimalHost } from './minimal-host.js';

type Make = (host: MinimalHost, environment: DriverEnvironment) => ComputeDriver;

/** The troubles about moves and about the inside of guests, on minimal hosts. */
export function minimalMoveTroubles(hostOf: (driver: ComputeDriver) => MinimalHost, make: Make) {
  return {
    otherHost(driver, environment) {
      const { network } = hostOf(driver);
      const other = new MinimalHost(network);
      network.hosts.set(environment.host, other);
      return { driver: make(other, environment), address: environment.host };
    },
    cutLink(driver) {
      hostOf(driver).network.link = 'cut';
    },
    busyGuest(driver, uuid) {
      const guest = hostOf(driver).own(uuid);
      if (guest) guest.busy = true;
    },
    silenceAgent(driver, uuid) {
      const guest = hostOf(driver).own(uuid);
      if (guest) guest.inside.agent = 'silent';
    },
    lookInside(driver, uuid) {
      const host = hostOf(driver);
      return { ...host.own(uuid)?.inside, ...minimalDevicesInside(host, uuid) };
    },
  } satisfies DriverUnderTest['troubles'];
}
