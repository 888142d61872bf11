import { ComputeError, type MigrationProblem, type MoveDestination } from '@virtkit/core/driver';
import { changing } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { toComputeError } from './fake-error.js';
import type { PresentGuest } from './managed-view.js';

/** Whether the guest can go there at all. Nothing has changed when it rejects. @throws ComputeError `MIGRATION_REFUSED` */
export async function checkMove(
  view: PresentGuest,
  { host, flavor }: MoveDestination,
  call: DriverCall,
): Promise<void> {
  if (view.guest.bootsFrom !== 'own-disk') throw refused('busy', 'It is rescued.', call);
  if (view.savedMemory === 'present') throw refused('busy', 'Its memory is saved.', call);
  const root = view.disks.find(({ id }) => id === 'root');
  if (root !== undefined && flavor.rootDiskGib > 0 && flavor.rootDiskGib < root.sizeGib) {
    throw refused('storage', `Its disk has ${root.sizeGib} GiB, the flavor ${flavor.rootDiskGib}.`, call);
  }
  await asMove('check move', call, () => call.connection.moves.checkPeer(view.uuid, host, call));
}

/** Copies the guest's disks to the destination; they are removed there again when the call fails later. */
export async function sendDisks(view: PresentGuest, { host }: MoveDestination, call: DriverCall): Promise<void> {
  const { connection, undo } = call;
  undo.push('recall what was sent', (options) => connection.moves.recall(view.uuid, host, options));
  for (const disk of view.disks) {
    await asMove('move', call, () => changing(call, () => connection.moves.send(view.uuid, host, disk, call)));
  }
}

/** Removes the guest and sets its disks aside; when that fails half way, they are its own again. */
export async function keepDisks({ uuid, guest }: PresentGuest, call: DriverCall): Promise<void> {
  const { connection, undo } = call;
  undo.push('define the guest again', (options) => connection.define(guest.definition, options));
  await asMove('move', call, () => changing(call, () => connection.undefine(uuid, call)));
  undo.push('take the disks back', (options) => connection.moves.takeKept(uuid, options));
  await asMove('move', call, () => changing(call, () => connection.moves.keep(uuid, call)));
}

/** A failure is told as one of the move. */
export async function asMove<T>(phase: 'check move' | 'move', call: DriverCall, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (failure) {
    if (call.signal.aborted) throw failure;
    throw toComputeError(failure, { ...call, phase });
  }
}

export function refused(
  reason: MigrationProblem,
  message: string,
  { instanceUuid }: Pick<DriverCall, 'instanceUuid'>,
): ComputeError {
  return new ComputeError('MIGRATION_REFUSED', { instanceUuid, reason }, { effect: 'none', operator: { message } });
}
