import type { CallOptions, Capability, ComputeDriver, InstanceSpec } from '@virtkit/core/driver';
import type { AbleDriver } from '../suite/test-bench.js';

/** A method of the contract, for laws that hold for every method. */
export interface LiftedMethod {
  readonly name: string;
  /** The ability it belongs to; `undefined` for the required core. */
  readonly capability: Capability | undefined;
  /**
   * What it makes of an instance without a guest: `refuses` with INSTANCE_NOT_FOUND, takes it for `success`, `makes` a guest;
   * `none` for methods about the host.
   */
  readonly unknown: 'refuses' | 'success' | 'makes' | 'none';
  readonly call: (driver: ComputeDriver, instance: InstanceSpec, options?: CallOptions) => Promise<unknown>;
}

function lifted<C extends Capability = never>(
  name: string,
  capability: C | undefined,
  unknown: LiftedMethod['unknown'],
  call: (driver: AbleDriver<C>, instance: InstanceSpec, options?: CallOptions) => Promise<unknown>,
): LiftedMethod {
  return { name, capability, unknown, call: call as LiftedMethod['call'] };
}

/** Every method between `initHost` and `cleanupHost` that the suite knows. */
export const liftedMethods: readonly LiftedMethod[] = [
  lifted('spawn', undefined, 'makes', (driver, instance, options) => driver.spawn(instance, options)),
  lifted('destroy', undefined, 'success', (driver, { uuid }, options) => driver.destroy(uuid, options)),
  lifted('getInfo', undefined, 'refuses', (driver, { uuid }, options) => driver.getInfo(uuid, options)),
  lifted('inspect', undefined, 'success', (driver, { uuid }, options) => driver.inspect(uuid, options)),
  lifted('listInstanceUuids', undefined, 'none', (driver, _instance, options) => driver.listInstanceUuids(options)),
  lifted('powerOn', 'power', 'makes', (driver, instance, options) => driver.powerOn(instance, options)),
  lifted('powerOff', 'power', 'success', (driver, { uuid }, options) => driver.powerOff(uuid, options)),
  lifted('pause', 'pause', 'refuses', (driver, { uuid }, options) => driver.pause(uuid, options)),
  lifted('unpause', 'pause', 'refuses', (driver, { uuid }, options) => driver.unpause(uuid, options)),
  lifted('suspend', 'suspend', 'refuses', (driver, { uuid }, options) => driver.suspend(uuid, options)),
  lifted('resume', 'suspend', 'refuses', (driver, instance, options) => driver.resume(instance, options)),
  lifted('reboot', 'reboot', 'makes', (driver, instance, options) => driver.reboot(instance, 'HARD', options)),
  lifted('getConsoleOutput', 'consoleOutput', 'refuses', (driver, { uuid }, options) =>
    driver.getConsoleOutput(uuid, options),
  ),
  lifted('getAvailableResource', 'hostResources', 'none', (driver, _instance, options) =>
    driver.getAvailableResource(options),
  ),
];

/** The abilities a rule about the method needs. */
export function needsOf({ capability }: LiftedMethod): readonly Capability[] {
  return capability === undefined ? [] : [capability];
}
