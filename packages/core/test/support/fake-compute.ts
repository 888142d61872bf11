import {
  computeLog,
  createCompute,
  MemoryStore,
  requestContext,
  type Compute,
  type ComputeConfiguration,
  type ComputeOptions,
  type ComputeStore,
  type CreateRequest,
  type DriverDefinition,
  type RequestContext,
} from '@virtkit/core';
import { fakeDriver, FakeHypervisor, VirtualClock } from '@virtkit/driver-fake';

export const tenant: RequestContext = requestContext({ projectId: 'project-1', userId: 'user-1' });
export const admin: RequestContext = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

/** Of an interface that a request describes itself: no provider knows it. */
export const describedInterfaceId = '00000000-0000-4000-8000-000000000001';

/** A request that the fake driver can build. */
export function createRequest(fields: Partial<CreateRequest> = {}): CreateRequest {
  return {
    name: 'web-1',
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 },
    image: { id: 'image-1', name: 'debian', location: { disk: '/images/debian.qcow2' } },
    networkInterfaces: [{ type: 'user', id: describedInterfaceId, macAddress: '52:54:00:00:00:01', status: 'active' }],
    ...fields,
  };
}

export interface FakeCompute extends AsyncDisposable {
  readonly compute: Compute;
  readonly clock: VirtualClock;
  readonly hypervisor: FakeHypervisor;
  readonly store: ComputeStore;
  /** Every line of the log, as it was written. */
  readonly logLines: readonly string[];
  /** Lets time pass until the promise settles, however long that is, and answers with it. */
  settled<Value>(promise: Promise<Value>): Promise<Value>;
  /** Starts another manager on the same store and hypervisor, as after the death of this process. */
  restarted(options?: { readonly wait?: 'for all' | 'for none' }): Promise<FakeCompute>;
}

export interface FakeComputeParts
  extends
    Partial<Omit<ComputeConfiguration, 'driver'>>,
    Pick<ComputeOptions, 'images' | 'networks' | 'volumes' | 'peers'> {
  readonly clock?: VirtualClock;
  readonly hypervisor?: FakeHypervisor;
  readonly store?: ComputeStore;
  /** Default: the driver of the hypervisor with all its abilities. */
  readonly definition?: DriverDefinition;
}

/** Nothing happens by itself, so that a test of an operation sees that operation alone. */
export const quietLife = {
  everyMs: {
    powerSync: 0,
    guestAudit: 0,
    actionSweep: 0,
    deadHostSweep: 0,
    buildTimeout: 0,
    autoUnrescue: 0,
    reclaim: 0,
    autoConfirmResize: 0,
    shelvedOffload: 0,
    imageCache: 0,
    imageSweep: 0,
    releaseSweep: 0,
    providerAudit: 0,
    resourceAudit: 0,
  },
} as const;

/** A compute manager on simulated time and a simulated hypervisor. */
export async function fakeCompute(parts: FakeComputeParts = {}): Promise<FakeCompute> {
  const { hypervisor: _hypervisor, definition = fakeDriver, ...options } = parts;
  const clock = parts.clock ?? new VirtualClock();
  const hypervisor = parts.hypervisor ?? new FakeHypervisor({ clock });
  const store = parts.store ?? new MemoryStore({ now: () => clock.now() });
  const logLines: string[] = [];
  const log = computeLog({ level: 'debug', destination: { write: (line) => void logLines.push(line) } });
  const compute = await settledOn(
    clock,
    createCompute({
      host: 'host-1',
      hostLife: quietLife,
      access: { hostResources: 'everybody' },
      ...options,
      clock,
      store,
      log,
      drivers: [definition],
      driver: { name: 'fake', configuration: { hypervisor } },
    }),
  );
  const settled = <Value>(promise: Promise<Value>): Promise<Value> => settledOn(clock, promise);
  return {
    compute,
    clock,
    hypervisor,
    store,
    logLines,
    settled,
    restarted: async ({ wait = 'for all' } = {}) => {
      // Who has died is known here.
      const session = { ...parts.session, takeOver: 'at-once' as const };
      const next = await fakeCompute({ ...parts, session, clock, hypervisor, store });
      if (wait === 'for all') await next.settled(next.compute.recovered());
      return next;
    },
    [Symbol.asyncDispose]: () => settled(compute.close()),
  };
}

/** Lets time pass until a promise settles, however long that is, and answers with it. */
export async function settledOn<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const noted = promise.finally(() => {
    isSettled = true;
  });
  noted.catch(() => undefined);
  // A wait for nothing would spin for ever: real work in between takes turns of the loop, not minutes of them.
  for (let idleTurns = 0; !isSettled && idleTurns < 10_000; idleTurns++) {
    if ((await clock.advanceToNext()) === 'advanced') idleTurns = 0;
  }
  if (!isSettled) throw new Error('The promise did not settle although no time is left to pass.');
  return await noted;
}
