import { ComputeError, type CallOptions } from '@virtkit/core/driver';
import type { FakeConnection } from '../hypervisor/fake-connection.js';
import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';
import type { CallFence } from './call-fence.js';

type Step = (...args: unknown[]) => Promise<unknown>;

/** Where a connection has its steps beside itself. */
const groups: ReadonlySet<PropertyKey> = new Set<keyof FakeConnection>([
  'disks',
  'vifs',
  'devices',
  'images',
  'shares',
  'moves',
  'migrations',
  'agents',
  'machine',
]);

/** Its own state, and how it begins and ends. */
const life: ReadonlySet<PropertyKey> = new Set<keyof FakeConnection>([
  'open',
  'close',
  'drop',
  'cut',
  'isCut',
  'deliver',
]);

/** Steps that only look. */
const reading = /^(read|list|check)/;

/** The connection with the fence before each step that changes something. The one way by which a method of the driver reaches the hypervisor. */
export function fencedConnection(connection: FakeConnection, fence: CallFence): FakeConnection {
  return fenced(connection, fence) as FakeConnection;
}

function fenced(steps: object, fence: CallFence): object {
  return new Proxy(steps, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (groups.has(name)) return fenced(member as object, fence);
      if (typeof member !== 'function') return member;
      const step: Step = (...args) => Reflect.apply(member, target, args) as Promise<unknown>;
      if (life.has(name) || reading.test(String(name))) return step;
      return (...args: unknown[]) => fence.step(signalIn(args), () => told(step(...args)));
    },
  });
}

function signalIn(args: readonly unknown[]): AbortSignal | undefined {
  return ((args.at(-1) ?? {}) as CallOptions).signal;
}

/** The hypervisor itself has refused a lease that has passed. */
async function told(step: Promise<unknown>): Promise<unknown> {
  try {
    return await step;
  } catch (failure) {
    if (!(failure instanceof FakeHypervisorError && failure.refusal === 'older-epoch')) throw failure;
    throw new ComputeError('SESSION_LOST', {}, { cause: failure });
  }
}
