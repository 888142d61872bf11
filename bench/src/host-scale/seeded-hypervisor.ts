import {
  createCompute,
  MemoryStore,
  requestContext,
  silentLog,
  systemClock,
  type Compute,
  type Instance,
} from '@virtkit/core';
import { fakeDriver, FakeHypervisor } from '@virtkit/driver-fake';

/** A simulated host with running guests, and the records that a manager has made of them. */
export interface SeededHypervisor {
  readonly hypervisor: FakeHypervisor;
  /** Active and idle. */
  readonly instances: readonly Instance[];
}

const IN_FLIGHT = 64;
const context = requestContext({ projectId: 'project-1', userId: 'user-1' });

/** Has a manager build so many instances. */
export async function seededHypervisor(instanceCount: number): Promise<SeededHypervisor> {
  const hypervisor = new FakeHypervisor({ clock: systemClock, journalEntriesMax: 1_000 });
  const store = new MemoryStore();
  const compute = await createCompute({
    host: 'host-1',
    access: { hostResources: 'everybody' },
    store,
    log: silentLog,
    drivers: [fakeDriver],
    driver: { name: 'fake', configuration: { hypervisor } },
  });
  const next = Array.from({ length: instanceCount }).keys();
  const worker = async (): Promise<void> => {
    for (const nth of next) await build(compute, nth);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await compute.close();
  return { hypervisor, instances: await store.listInstances({ host: 'host-1' }) };
}

async function build({ api }: Compute, nth: number): Promise<void> {
  const { finished } = await api.create(context, {
    name: `web-${nth}`,
    flavor: { name: 'small', vcpus: 1, memoryMib: 128, rootDiskGib: 1 },
    image: { id: 'image-1', name: 'debian', location: { disk: '/images/debian.qcow2' } },
    networkInterfaces: [
      { type: 'user', id: globalThis.crypto.randomUUID(), macAddress: macAddress(nth), status: 'active' },
    ],
  });
  const { state } = await finished;
  if (state !== 'succeeded') throw new Error(`instance ${nth} could not be built: its action has ${state}`);
}

function macAddress(nth: number): string {
  const hex = nth.toString(16).padStart(6, '0');
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}
