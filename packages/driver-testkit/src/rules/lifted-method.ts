import type { CallOptions, Capability, ComputeDriver, DriverMethodName, InstanceSpec } from '@virtkit/core/driver';
import type { AbleDriver } from '../suite/test-bench.js';

/** A method of the contract, for laws that hold for every method. */
export interface LiftedMethod {
  readonly name: DriverMethodName;
  /** The ability it belongs to; `undefined` for the required core. */
  readonly capability: Capability | undefined;
  /**
   * What it makes of an instance without a guest: `refuses` with INSTANCE_NOT_FOUND, takes it for `success`, `makes` a guest;
   * `none` for methods about the host.
   */
  readonly unknown: 'refuses' | 'success' | 'makes' | 'none';
  readonly call: (driver: ComputeDriver, instance: InstanceSpec, options?: CallOptions) => Promise<unknown>;
}

export function lifted<C extends Capability = never>(
  name: DriverMethodName,
  capability: C | undefined,
  unknown: LiftedMethod['unknown'],
  call: (driver: AbleDriver<C>, instance: InstanceSpec, options?: CallOptions) => Promise<unknown>,
): LiftedMethod {
  return { name, capability, unknown, call: call as LiftedMethod['call'] };
}

/** The abilities a rule about the method needs. */
export function needsOf({ capability }: LiftedMethod): readonly Capability[] {
  return capability === undefined ? [] : [capability];
}

/** What a method makes of a guest of another generation than the one that it is given. */
export function toAnother({
  name,
  unknown,
}: Pick<LiftedMethod, 'name' | 'unknown'>): 'INSTANCE_NOT_FOUND' | 'INSTANCE_EXISTS' | 'success' | 'does not compare' {
  if (unknown === 'none' || name === 'spawn' || name === 'destroy' || name === 'inspect') return 'does not compare';
  if (unknown === 'success') return 'success';
  // It makes the guest anew, though only from what a move has kept.
  return unknown === 'makes' || name === 'finishRevertMigration' ? 'INSTANCE_EXISTS' : 'INSTANCE_NOT_FOUND';
}
