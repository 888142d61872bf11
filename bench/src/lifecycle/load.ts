import { MemoryStore, type ComputeStore } from '@virtkit/core';
import { fakeHost, type FakeHost } from './fake-host.js';
import { cycleThroughApi, cycleThroughManager, operationsPerCycle } from './operation-cycle.js';

export type Door = 'manager' | 'api';

export interface Load {
  readonly door: Door;
  /** How many instances are worked on at once, each by one operation at a time. */
  readonly inFlight: number;
  /** How many cycles are done, over all instances. */
  readonly cycles: number;
  /** Opens the store for one round; in memory when left out. */
  readonly openStore?: () => Promise<OpenStore>;
}

/** A store, and what is to be done with it after the round. */
export interface OpenStore extends AsyncDisposable {
  readonly store: ComputeStore;
}

export interface LoadSample {
  readonly operationsPerSecond: number;
  readonly cpuMsPerOperation: number;
}

/** Runs the load on a host of its own, so that every round finds the same empty store, and measures it. */
export async function runLoad({ door, inFlight, cycles, openStore = inMemory }: Load): Promise<LoadSample> {
  await using opened = await openStore();
  await using host = await fakeHost({ instanceCount: inFlight, store: opened.store });
  return await driveLoad(host, { door, cycles });
}

/** Runs the load on a host that is there, with all of its instances in flight, and measures it. */
export async function driveLoad(host: FakeHost, { door, cycles }: Pick<Load, 'door' | 'cycles'>): Promise<LoadSample> {
  await globalThis.gc?.({ execution: 'async', type: 'major' });
  const inFlight = host.instances.length;
  const cyclesEach = Math.ceil(cycles / inFlight);
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(host.instances.map((_, nth) => cyclesOf(host, door, nth, cyclesEach)));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const operations = cyclesEach * inFlight * operationsPerCycle;
  return { operationsPerSecond: operations / seconds, cpuMsPerOperation: (user + system) / 1_000 / operations };
}

function inMemory(): Promise<OpenStore> {
  const store = new MemoryStore();
  return Promise.resolve({ store, [Symbol.asyncDispose]: () => store.close() });
}

async function cyclesOf({ compute, instances }: FakeHost, door: Door, nth: number, cycles: number): Promise<void> {
  let instance = instances[nth];
  if (!instance) throw new RangeError(`there is no instance ${nth}`);
  for (let cycle = 0; cycle < cycles; cycle++) {
    if (door === 'api') await cycleThroughApi(compute.api, instance.uuid);
    else instance = await cycleThroughManager(compute.manager, instance);
  }
}
