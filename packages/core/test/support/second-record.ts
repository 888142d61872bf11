import {
  MemoryStore,
  requestContext,
  type HostLifeConfiguration,
  type RequestContext,
  type TenantAction,
} from '@virtkit/core';
import type { DefinedGuest } from '@virtkit/driver-fake';
import { createRequest, type FakeCompute } from './fake-compute.js';
import { imageId, providedCompute, type ProvidedCompute } from './memory-providers.js';
import { ended, instanceUuid, runningInstance } from './running-instance.js';

export const stranger: RequestContext = requestContext({ projectId: 'project-2', userId: 'user-2' });

export interface SecondRecord {
  /** A manager whose store knows nothing of the guest that runs. */
  readonly fake: ProvidedCompute;
  /** How the build of an instance with the uuid of that guest has ended. */
  readonly build: TenantAction;
  /** The guest and its disk, as they were before. */
  readonly before: unknown;
}

/** The record of a running instance is lost, and somebody has asked for a new instance with its uuid. */
export async function secondRecord(
  who: RequestContext,
  change: (first: FakeCompute) => void = () => undefined,
  hostLife?: HostLifeConfiguration,
): Promise<SecondRecord> {
  const first = await runningInstance();
  change(first);
  await first.settled(first.compute.close());
  const { hypervisor, clock } = first;
  const before = standing(first);
  const store = new MemoryStore({ now: () => clock.now() });
  const fake = await providedCompute({ hypervisor, clock, store, ...(hostLife && { hostLife }) });
  const request = createRequest({ uuid: instanceUuid });
  const { image: _, ...rest } = request;
  const build = await ended(fake, fake.compute.api.create(who, { ...rest, imageId }));
  return { fake, build, before };
}

/** Everything of the guest and its disks that must not change. */
export function standing({ hypervisor }: Pick<FakeCompute, 'hypervisor'>): {
  readonly guest: DefinedGuest | undefined;
  readonly disks: unknown;
  readonly vifs: unknown;
} {
  const { guest, disks, vifs } = hypervisor.look(instanceUuid);
  return { guest, disks, vifs };
}
