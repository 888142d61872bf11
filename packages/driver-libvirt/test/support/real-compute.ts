import {
  computeLog,
  createCompute,
  MemoryStore,
  requestContext,
  type Compute,
  type ComputeOptions,
  type TenantAction,
} from '@virtkit/core';
import type { ComputeStore } from '@virtkit/core/store';
import { libvirtDriver, type LibvirtConfiguration } from '@virtkit/driver-libvirt';

export const tenant = requestContext({ projectId: 'project-1', userId: 'user-1' });
export const admin = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

/** What the records call the host; a tenant must never read it. */
export const HOST_NAME = 'node-17.canary.internal';

export interface RealCompute extends AsyncDisposable {
  readonly compute: Compute;
  readonly store: ComputeStore;
  readonly logLines: readonly string[];
}

/** A compute manager on the libvirt driver, with the machine's own time. */
export async function realCompute(
  configuration: LibvirtConfiguration,
  store: ComputeStore = new MemoryStore(),
  options: Partial<Pick<ComputeOptions, 'claims' | 'session'>> = {},
): Promise<RealCompute> {
  const logLines: string[] = [];
  const compute = await createCompute({
    // Predecessors were killed by the test itself.
    session: { takeOver: 'at-once' },
    ...options,
    host: HOST_NAME,
    access: { hostResources: 'everybody' },
    drivers: [libvirtDriver],
    driver: { name: 'libvirt', configuration },
    store,
    log: computeLog({ level: 'debug', destination: { write: (line) => void logLines.push(line) } }),
  });
  return { compute, store, logLines, [Symbol.asyncDispose]: () => compute.close() };
}

/** An action that was accepted, as it ended. */
export async function ended(accepting: Promise<{ readonly finished: Promise<TenantAction> }>): Promise<TenantAction> {
  return await (
    await accepting
  ).finished;
}
