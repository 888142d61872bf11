import type { ResourceClaims } from '../claims/resource-claims.js';
import {
  capabilityMethods,
  fromWire,
  supports,
  toWire,
  type CallOptions,
  type Capability,
  type DriverCapabilities,
} from '../driver/index.js';
import type { GuestDriver } from '../guard/guest-driver.js';
import type { HostDescription } from '../model/host-record.js';
import { hostProtocol } from '../peers/host-calls.js';

export interface DescribeHostDeps {
  readonly driverName: string;
  readonly driver: GuestDriver;
  readonly claims: ResourceClaims;
}

/** What this host's record says of it, so that a request for it is checked in any process. Plain data. */
export async function describeHost(
  { driverName, driver, claims }: DescribeHostDeps,
  options?: CallOptions,
): Promise<HostDescription> {
  const limits = await claims.readLimits(options);
  const description: HostDescription = {
    driver: driverName,
    protocol: hostProtocol,
    capabilities: declared(driver.capabilities),
    honoured: driver.honoured ?? null,
    limits,
  };
  return fromWire(toWire(description)) as HostDescription;
}

/** Every ability by its name: `true`, or the reason why the driver lacks it. */
function declared(capabilities: DriverCapabilities): DriverCapabilities {
  const names = Object.keys(capabilityMethods) as Capability[];
  const all = names.map((name) => {
    const given = capabilities[name];
    const words = typeof given === 'object' ? String(given.unsupportedBecause) : 'not declared';
    return [name, supports({ capabilities }, name) || { unsupportedBecause: words }] as const;
  });
  return Object.fromEntries(all);
}
