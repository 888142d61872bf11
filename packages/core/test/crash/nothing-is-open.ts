import { requestContext, type Compute, type Migration } from '@virtkit/core';
import type { ComputeStore } from '@virtkit/core/store';

const admin = requestContext({ projectId: 'operators', userId: 'root', role: 'admin' });

/**
 * Resolves when a manager has nothing unfinished: no action, no move that it leads, no instance that is set aside. What could not be
 * settled at once, because the manager of another host was not there, is settled a little later.
 */
export async function nothingIsOpen(host: string, compute: Compute, store: ComputeStore): Promise<void> {
  for (;;) {
    const changed = Promise.withResolvers<void>();
    const stops = (['instance.changed', 'migration.changed'] as const).map((name) =>
      compute.events.on(name, () => changed.resolve()),
    );
    const isOpen = await hasOpen(host, compute, store);
    if (isOpen) await changed.promise;
    for (const stop of stops) stop();
    if (!isOpen) return;
  }
}

async function hasOpen(host: string, compute: Compute, store: ComputeStore): Promise<boolean> {
  if ((await compute.operator.health(admin)).quarantined.length > 0) return true;
  if ((await store.listUnfinishedActions(host)).length > 0) return true;
  const moves = await store.listMigrations({ host, status: ['accepted', 'preparing', 'running', 'reverting'] });
  return moves.some((move) => leaderOf(move) === host);
}

function leaderOf({ kind, status, sourceHost, destinationHost }: Migration): string {
  return kind === 'evacuation' || status === 'reverting' ? destinationHost : sourceHost;
}
