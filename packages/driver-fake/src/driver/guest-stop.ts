import type { DestroyRequest } from '@virtkit/core/driver';
import type { GuestView } from '../hypervisor/guest-view.js';
import { changing, unless } from './changing.js';
import type { DriverCall } from './driver-call.js';
import { unplugVifs } from './vif-plugging.js';

/** How often a guest that was asked to stop is looked at. */
const LOOK_INTERVAL_MS = 500;

/**
 * Stops the guest without asking it and unplugs its vifs; memory saved of it is dropped unless it is to be kept. Afterwards it
 * is shut off, or still absent. None of it is undone: a call that fails half way is repeated.
 */
export async function stopGuest(view: GuestView, savedMemory: 'drop' | 'keep', call: DriverCall): Promise<void> {
  const { connection, instanceUuid, signal } = call;
  if (view.guest !== undefined && view.guest.state !== 'shut-off') {
    await changing(call, () => unless(['no-guest', 'invalid-state'], connection.stop(instanceUuid, { signal })));
  }
  if (view.savedMemory === 'present' && savedMemory === 'drop') {
    await changing(call, () => connection.dropSavedMemory(instanceUuid, { signal }));
  }
  await unplugVifs(view.vifs, call);
}

/**
 * From now on a failure of the call leaves the guest off and without vifs, whatever it was before. For calls that say so; it
 * is pushed first, and so done last.
 */
export function leaveOffWhenItFails({ vifs }: GuestView, { connection, instanceUuid, undo }: DriverCall): void {
  for (const id of vifs) {
    undo.push(`unplug interface ${id}`, (options) => connection.vifs.unplug(instanceUuid, id, options));
  }
  undo.push('stop the guest', (options) =>
    unless(['no-guest', 'invalid-state'], connection.stop(instanceUuid, options)),
  );
}

/** Removes a guest that is stopped, and its disks if they are not to be kept. */
export async function removeGuest(
  view: GuestView,
  disks: NonNullable<DestroyRequest['disks']>,
  call: DriverCall,
): Promise<void> {
  const { connection, instanceUuid, signal } = call;
  if (view.guest !== undefined) {
    await changing(call, () => unless(['no-guest'], connection.undefine(instanceUuid, { signal })));
  }
  if (view.capture !== undefined) {
    await changing(call, () => connection.images.dropCapture(instanceUuid, { signal }));
  }
  for (const { id } of view.shares ?? []) {
    await changing(call, () => connection.shares.unmount(instanceUuid, id, { signal }));
  }
  if (disks === 'keep') return;
  for (const { id } of view.disks) {
    await changing(call, () => connection.disks.remove(instanceUuid, id, { signal }));
  }
  await removeMoveFiles(view, call);
}

/** Removes what a move has left on this host: disks that are kept or have come, and what a check has made. */
export async function removeMoveFiles({ kept, arrived, probe }: GuestView, call: DriverCall): Promise<void> {
  const { moves } = call.connection;
  if (kept !== undefined) await changing(call, () => moves.discardKept(call.instanceUuid, call));
  if (arrived !== undefined) await changing(call, () => moves.discardArrived(call.instanceUuid, call));
  if (probe !== undefined) await changing(call, () => moves.removeProbe(call.instanceUuid, call));
}

/**
 * Asks the guest to stop, and again every `retryIntervalMs`, until it is off or the grace period is over. Looks instead of
 * waiting for the event, which may get lost.
 */
export async function askGuestToStop(
  call: DriverCall,
  { gracePeriodMs, retryIntervalMs }: { readonly gracePeriodMs: number; readonly retryIntervalMs: number },
): Promise<'stopped' | 'still running'> {
  const { connection, environment, instanceUuid, signal } = call;
  const { clock } = environment;
  const untilMs = clock.monotonicMs() + gracePeriodMs;
  let askAgainAtMs = clock.monotonicMs();
  for (;;) {
    const { guest } = await connection.readState(instanceUuid, { signal });
    if (guest?.state !== 'running') return guest?.state === 'paused' ? 'still running' : 'stopped';
    const nowMs = clock.monotonicMs();
    if (nowMs >= untilMs) return 'still running';
    if (nowMs >= askAgainAtMs) {
      await changing(call, () => unless(['no-guest', 'invalid-state'], connection.askToStop(instanceUuid, { signal })));
      askAgainAtMs = nowMs + retryIntervalMs;
      continue;
    }
    await clock.sleep(Math.min(LOOK_INTERVAL_MS, untilMs - nowMs, askAgainAtMs - nowMs), { signal });
  }
}
