import {
  createCompute,
  silentLog,
  type Clock,
  type Compute,
  type ComputeStore,
  type DriverDefinition,
} from '@virtkit/core';
import type { CallOptions, ComputeDriver, GuestRequest } from '@virtkit/core/driver';
import { fakeDriver, type FakeHypervisor } from '@virtkit/driver-fake';

/** A call that changes an instance, while it is under way. */
export interface ChangingCall {
  readonly method: string;
  readonly instanceUuid: string;
}

export interface PausableManagerOptions {
  readonly clock: Clock;
  readonly store: ComputeStore;
  readonly hypervisor: FakeHypervisor;
  readonly leaseMs: number;
  /** Told when a call that changes an instance begins; what it answers is called at its end. */
  readonly onChange: (call: ChangingCall) => () => void;
}

/**
 * A manager that can be stopped as SIGSTOP stops a process: its timers do not fire, and it neither asks the store or the driver nor hears
 * their answers. When it goes on, time has passed without it.
 */
export class PausableManager {
  readonly #pause = new Pause();
  readonly compute: Promise<Compute>;

  constructor({ clock, store, hypervisor, leaseMs, onChange }: PausableManagerOptions) {
    this.compute = createCompute({
      host: 'host-1',
      access: { hostResources: 'everybody' },
      session: { leaseMs },
      clock: pausableClock(clock, this.#pause),
      store: pausable(store, this.#pause),
      log: silentLog,
      drivers: [pausableDriver(this.#pause, onChange)],
      driver: { name: 'fake', configuration: { hypervisor, latencyMs: 5 } },
    });
  }

  pause(): void {
    this.#pause.begin();
  }

  goOn(): void {
    this.#pause.end();
  }
}

class Pause {
  #over = Promise.resolve();
  #end: () => void = () => undefined;
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  get over(): Promise<void> {
    return this.#over;
  }

  begin(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#over = promise;
    this.#end = resolve;
  }

  end(): void {
    this.#isOn = false;
    this.#end();
  }
}

function pausableClock(clock: Clock, pause: Pause): Clock {
  const later = (due: () => void) => (): void => {
    if (pause.isOn) void pause.over.then(due);
    else due();
  };
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    after: (durationMs, due) => clock.after(durationMs, later(due)),
    sleep: async (durationMs, options?: CallOptions) => {
      await clock.sleep(durationMs, options);
      await pause.over;
    },
  };
}

function pausable<Target extends object>(target: Target, pause: Pause): Target {
  return new Proxy(target, {
    get: (inner, name) => {
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await pause.over;
        try {
          return await (member as (...args: unknown[]) => Promise<unknown>).apply(inner, args);
        } finally {
          await pause.over;
        }
      };
    },
  });
}

const reads: readonly string[] = ['getInfo', 'inspect', 'listInstanceUuids', 'getConsoleOutput', 'initHost'];

function pausableDriver(
  pause: Pause,
  onChange: PausableManagerOptions['onChange'],
): DriverDefinition<{ readonly hypervisor?: FakeHypervisor | undefined }> {
  return {
    ...fakeDriver,
    create: (configuration, environment) => {
      const driver = fakeDriver.create(configuration, environment);
      const watched = new Proxy(driver, {
        get: (inner, name) => {
          const member: unknown = Reflect.get(inner, name);
          if (typeof member !== 'function') return member;
          const call = member.bind(inner) as (...args: unknown[]) => Promise<unknown>;
          const [method] = [String(name)];
          return async (...args: unknown[]): Promise<unknown> => {
            const { instance } = (args[0] ?? {}) as Partial<GuestRequest>;
            const instanceUuid = instance?.uuid;
            const changes = instanceUuid !== undefined && !reads.includes(method);
            const ended = changes ? onChange({ method, instanceUuid }) : () => undefined;
            try {
              return await call(...args);
            } finally {
              ended();
            }
          };
        },
      });
      return pausable<ComputeDriver>(watched, pause);
    },
  };
}
