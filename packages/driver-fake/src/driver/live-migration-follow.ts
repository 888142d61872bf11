import { ComputeError, type LiveMigrationOptions } from '@virtkit/core/driver';
import type { MigrationTarget } from '../hypervisor/host-migrations.js';
import { FakeHypervisorError } from '../hypervisor/fake-hypervisor-error.js';
import { changing, unless } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { asMove } from './move-out.js';
import { UndoStack } from './undo-stack.js';

/** How often a live migration is looked at. */
const LOOK_INTERVAL_MS = 500;

/**
 * Starts the live migration and looks at it until the guest has left. The hypervisor does it on its own: so on any failure it is
 * stopped first, and then the driver looks where the guest is. Only of one that is here it is said that the move failed.
 */
export async function followMigration(
  target: MigrationTarget,
  call: DriverCall,
  onProgress: LiveMigrationOptions['onProgress'],
): Promise<void> {
  const { connection, instanceUuid, signal } = call;
  try {
    await asMove('move', call, () =>
      changing(call, () => connection.migrations.start(instanceUuid, target, { signal })),
    );
    for (;;) {
      const migration = await asMove('move', call, () => connection.migrations.read(instanceUuid, { signal }));
      if (migration === undefined) return await ended('nobody knows of it any more', call);
      const { remainingMib, totalMib } = migration;
      onProgress?.({ remainingMib, totalMib });
      if (migration.state === 'moved') return;
      if (migration.state !== 'running') return await ended(migration.problem ?? migration.state, call);
      await call.environment.clock.sleep(LOOK_INTERVAL_MS, { signal });
    }
  } catch (failure) {
    if ((await stopAndLook(failure, call)) === 'here' || call.signal.aborted) throw failure;
    if (failure instanceof ComputeError && failure.effect === 'unknown') throw failure;
    throw new ComputeError('OUTCOME_UNKNOWN', { operation: call.operation }, { cause: failure });
  }
}

/** The migration has ended, and the guest did not leave. */
function ended(problem: string, call: DriverCall): Promise<never> {
  return asMove('move', call, () => Promise.reject(new FakeHypervisorError('refused', problem)));
}

/** Never rejects: what fails of it joins the first failure, and then nobody knows where the guest is. */
async function stopAndLook(failure: unknown, call: DriverCall): Promise<'here' | 'not known to be here'> {
  const { connection, environment, instanceUuid, settings } = call;
  let found: 'here' | 'not known to be here' = 'not known to be here';
  const stack = new UndoStack();
  stack.push('look where the guest is', async (options) => {
    const { guest } = await connection.readState(instanceUuid, options);
    const migration = await connection.migrations.read(instanceUuid, options);
    if (guest !== undefined && migration?.state !== 'running') found = 'here';
  });
  stack.push('stop the live migration', (options) =>
    unless(['no-migration'], connection.migrations.abort(instanceUuid, options)),
  );
  await stack.unwind(failure, environment.clock, settings.undoTimeoutMs);
  return found;
}
