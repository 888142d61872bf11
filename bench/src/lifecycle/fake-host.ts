import {
  createCompute,
  MemoryStore,
  requestContext,
  silentLog,
  systemClock,
  type Compute,
  type ComputeStore,
  type Instance,
} from '@virtkit/core';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';

/** A compute manager on the fake driver, a store in memory, the machine's clock and no log. */
export interface FakeHost extends AsyncDisposable {
  readonly compute: Compute;
  readonly hypervisor: FakeHypervisor;
  /** Active and idle. */
  readonly instances: readonly Instance[];
}

export interface FakeHostOptions {
  readonly instanceCount: number;
  readonly store?: ComputeStore;
}

export async function fakeHost({ instanceCount, store = new MemoryStore() }: FakeHostOptions): Promise<FakeHost> {
  const hypervisor = new FakeHypervisor({ clock: systemClock });
  const compute = await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    store,
    log: silentLog,
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  const instances: Instance[] = [];
  for (let nth = 0; nth < instanceCount; nth++) instances.push(await built(compute, store, nth));
  return {
    compute,
    hypervisor,
    instances,
    [Symbol.asyncDispose]: async () => {
      await compute.close();
      hypervisor[Symbol.dispose]();
    },
  };
}

async function built(compute: Compute, store: ComputeStore, nth: number): Promise<Instance> {
  const context = requestContext({ projectId: 'project-1', userId: 'user-1' });
  const { action, finished } = await compute.api.create(context, {
    name: `web-${nth}`,
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 },
    image: { id: 'image-1', name: 'debian', location: { disk: '/images/debian.qcow2' } },
    networkInterfaces: [],
  });
  const { state } = await finished;
  if (state !== 'succeeded') throw new Error(`an instance could not be built: its action has ${state}`);
  return await store.getInstance(action.instanceUuid);
}
