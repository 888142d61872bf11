import { ComputeError, type InstanceSpec, type MigratedDisks, type ResizeAbility } from '@virtkit/core/driver';
import type { FakeDisk } from '../../hypervisor/guest-view.js';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import type { DriverCall } from '../driver-call.js';
import { checkFlavor } from '../flavor-check.js';
import { defineGuest, startGuest } from '../guest-launch.js';
import { removeGuest, stopGuest } from '../guest-stop.js';
import { isPresent, readManaged, readMine } from '../managed-view.js';
import { checkMove, keepDisks, sendDisks } from '../move-out.js';

/** Moving a guest that is off. What is kept at the source and what has come to the destination are on the hosts, by uuid. */
export function resize({ calls, connection }: AbilityParts): ResizeAbility {
  return {
    migrateDiskAndPowerOff: ({ instance, destination }, options = {}) =>
      calls.change('migrateDiskAndPowerOff', instance, options, async (call) => {
        const view = await readManaged(connection, instance, call);
        if (!isPresent(view)) {
          if (view.kept !== undefined) return described(view.kept);
          throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: instance.uuid });
        }
        await checkMove(view, destination, call);
        await stopGuest(view, 'drop', call);
        await sendDisks(view, destination, call);
        await keepDisks(view, call);
        return described(view.disks);
      }),

    finishMigration: ({ instance, disks, start }, options = {}) =>
      calls.change('finishMigration', instance, options, async (call) => {
        checkFlavor(instance);
        const view = await readMine(call);
        checkOrigin(disks, instance);
        if (view.guest === undefined) {
          if (view.arrived === undefined) throw noDisk(instance);
          call.undo.push('put the disks back', (undo) => connection.moves.putArrivedBack(instance.uuid, undo));
          await changing(call, () => connection.moves.takeArrived(instance.uuid, call));
          await growRootDisk(instance, call);
          await defineGuest(instance, 'absent', call);
        } else if (view.guest.state !== 'shut-off') return;
        if (start !== 'leave-off') await startGuest(instance, call);
      }),

    confirmMigration: ({ instance }, options = {}) =>
      calls.change('confirmMigration', instance, options, async (call) => {
        const { kept } = await readManaged(connection, instance, call);
        if (kept !== undefined) await changing(call, () => connection.moves.discardKept(instance.uuid, call));
      }),

    finishRevertMigration: ({ instance, start }, options = {}) =>
      calls.change('finishRevertMigration', instance, options, async (call) => {
        const view = await readMine(call);
        if (view.kept !== undefined) {
          await stopGuest(view, 'drop', call);
          const { kept: _, ...resized } = view;
          await removeGuest(resized, 'remove', call);
          call.undo.push('keep the disks on', (undo) => connection.moves.keep(instance.uuid, undo));
          await changing(call, () => connection.moves.takeKept(instance.uuid, call));
          await defineGuest(instance, 'absent', call);
        } else if (view.guest === undefined) {
          throw new ComputeError('INSTANCE_NOT_FOUND', { instanceUuid: instance.uuid });
        } else if (view.guest.state !== 'shut-off') return;
        if (start !== 'leave-off') await startGuest(instance, call);
      }),
  };
}

function described(disks: readonly FakeDisk[]): MigratedDisks {
  return {
    driver: 'fake',
    disks: disks.map(({ id, sizeGib }) => ({ id, format: 'qcow2', virtualSizeMib: sizeGib * 1024 })),
  };
}

function checkOrigin({ driver }: MigratedDisks, { uuid }: InstanceSpec): void {
  if (driver !== 'fake') throw new ComputeError('MIGRATION_REFUSED', { instanceUuid: uuid, reason: 'storage' });
}

function noDisk({ uuid }: InstanceSpec): ComputeError {
  const message = `No disks of ${uuid} have arrived.`;
  return new ComputeError(
    'GUEST_START_FAILED',
    { instanceUuid: uuid, reason: 'disk' },
    { effect: 'none', operator: { message } },
  );
}

async function growRootDisk({ uuid, flavor }: InstanceSpec, call: DriverCall): Promise<void> {
  const { disks } = await call.connection.readState(uuid, call);
  const root = disks.find(({ id }) => id === 'root');
  if (root === undefined || root.sizeGib >= flavor.rootDiskGib) return;
  await changing(call, () => call.connection.moves.grow(uuid, root.id, flavor.rootDiskGib, call));
}
