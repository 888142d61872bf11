import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';
import type { MinimalDriver } from '../minimal-driver.js';
import type { Damage } from '../minimal-subject.js';

/** A way in which drivers are wrong, and the rules that must catch it. */
export interface BrokenDriver {
  readonly fault: string;
  readonly damage: Damage;
  /** Each of these fails, and no other. */
  readonly caughtBy: readonly string[];
  /** For a fault that much else rests on: more rules fail too. */
  readonly others?: 'may fail too';
  /** For a driver that hangs, or does not tell: its rules fail at their deadline, and that should be near. */
  readonly hangs?: 'until the deadline';
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

interface WrongCall {
  readonly driver: MinimalDriver;
  /** The method as it should be. */
  readonly right: AnyMethod;
  readonly args: readonly unknown[];
  /** The instance it is about. */
  readonly uuid: string;
}

/** Replaces a method by one that may call the right one. */
export function replace(name: string, wrong: (call: WrongCall) => Promise<unknown>): Damage {
  return (driver) => {
    const methods = driver as unknown as Record<string, AnyMethod>;
    const right = (methods[name] as AnyMethod).bind(driver);
    methods[name] = async (...args) => wrong({ driver, right, args, uuid: uuidOf(args[0]) });
  };
}

/** Does more after the second call for the same instance, and after every later one. */
export function afterSecondCall(name: string, afterwards: () => void): Damage {
  const called = new Set<string>();
  return replace(name, async ({ right, args, uuid }) => {
    await right(...args);
    if (called.has(uuid)) afterwards();
    called.add(uuid);
  });
}

/** The last argument of a method, which may be left out. */
export function optionsIn(args: readonly unknown[], index = 1): Record<string, unknown> & { signal?: AbortSignal } {
  return (args[index] ?? {}) as Record<string, unknown>;
}

export function refuse(): never {
  throw new ComputeError('INTERNAL', { correlationId: 'refused' });
}

function uuidOf(first: unknown): string {
  return typeof first === 'string' ? first : ((first as InstanceSpec | undefined)?.uuid ?? '');
}
