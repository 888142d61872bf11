import { ComputeError, type DriverMethods } from '@virtkit/core/driver';
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

/** Every method that a broken driver does wrong: those of the contract, and the step that starts a guest. */
export type Methods = DriverMethods & Pick<MinimalDriver, 'cleanupHost' | 'start'>;

type RequestOf<M extends keyof Methods> = NonNullable<Parameters<Methods[M]>[0]>;
type OptionsOf<M extends keyof Methods> = Parameters<Methods[M]>[1];

interface WrongCall<M extends keyof Methods> {
  readonly driver: MinimalDriver;
  /** The method as it should be. */
  readonly right: (request: RequestOf<M>, options?: OptionsOf<M>) => Promise<unknown>;
  readonly request: RequestOf<M>;
  readonly options: OptionsOf<M>;
  /** The instance it is about. */
  readonly uuid: string;
}

/** Replaces a method by one that may call the right one. */
export function replace<M extends keyof Methods>(name: M, wrong: (call: WrongCall<M>) => Promise<unknown>): Damage {
  return (driver) => {
    const methods = driver as unknown as Record<M, WrongCall<M>['right']>;
    const right = methods[name].bind(driver);
    methods[name] = async (request, options) => wrong({ driver, right, request, options, uuid: uuidOf(request) });
  };
}

/** Does more after the second call for the same instance, and after every later one. */
export function afterSecondCall(name: keyof Methods, afterwards: () => void): Damage {
  const called = new Set<string>();
  return replace(name, async ({ right, request, options, uuid }) => {
    await right(request, options);
    if (called.has(uuid)) afterwards();
    called.add(uuid);
  });
}

export function refuse(): never {
  throw new ComputeError('INTERNAL', { correlationId: 'refused' });
}

function uuidOf(request: object): string {
  const { instance, instanceUuid } = request as { instance?: { uuid: string }; instanceUuid?: string };
  return instance?.uuid ?? instanceUuid ?? '';
}
