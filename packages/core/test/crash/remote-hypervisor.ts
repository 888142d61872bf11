import { systemClock } from '@virtkit/core';
import type { CallOptions } from '@virtkit/core/driver';
import { FakeHypervisor } from '@virtkit/driver-fake';
import type { ProcessLine } from './process-line.js';

type Connect = FakeHypervisor['connect'];
type Listener = Parameters<Connect>[0]['onGuestEvent'];

/** The events of guests, for the connections of this process. */
export class GuestEvents {
  readonly #listeners = new Map<string, Listener>();

  listen(connection: string, listener: Listener): void {
    this.#listeners.set(connection, listener);
  }

  deliver(connection: string, event: Parameters<Listener>[0]): void {
    this.#listeners.get(connection)?.(event);
  }
}

/** What a driver of this process takes for its hypervisor, while that is in another, which outlives this one. Every step crosses. */
export function remoteHypervisor(
  host: string,
  line: ProcessLine,
  events: GuestEvents,
  before: (path: readonly string[]) => Promise<void>,
): FakeHypervisor {
  // Faults and journal of the driver's methods stay here, and are not looked at.
  const { faults, journal } = new FakeHypervisor({ clock: systemClock });
  const connect = ({ onGuestEvent }: Parameters<Connect>[0]): unknown => {
    const connection = `${host}-${globalThis.crypto.randomUUID()}`;
    events.listen(connection, onGuestEvent);
    const opened = line.call(['connect'], [host, connection]);
    return stepsOver(async (path, args) => {
      await opened;
      await before(path);
      return await line.call(['step'], [connection, path, args]);
    });
  };
  return { faults, journal, connect } as unknown as FakeHypervisor;
}

type Step = (path: readonly string[], args: readonly unknown[]) => Promise<unknown>;

function stepsOver(step: Step, path: readonly string[] = []): unknown {
  return new Proxy(() => undefined, {
    get: (_, name) => {
      if (name === 'isCut') return false;
      return typeof name === 'string' && name !== 'then' ? stepsOver(step, [...path, name]) : undefined;
    },
    apply: (_, __, args: readonly unknown[]) => unlessAborted(args, () => step(path, args)),
  });
}

/** The step itself knows nothing of the signal: whoever gives it up does not wait for it. */
async function unlessAborted(args: readonly unknown[], work: () => Promise<unknown>): Promise<unknown> {
  const { signal } = (args.at(-1) ?? {}) as CallOptions;
  signal?.throwIfAborted();
  if (!(signal instanceof AbortSignal)) return await work();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, work()]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
