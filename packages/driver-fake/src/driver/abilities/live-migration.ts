import type { LiveMigrationAbility, LiveMigrationData } from '@virtkit/core/driver';
import type { AbilityParts } from '../ability-parts.js';
import { changing } from '../changing.js';
import { changingUndone, leaveDisks, readyDestination } from '../live-migration-destination.js';
import { followMigration } from '../live-migration-follow.js';
import { readManaged, readMine, readPresent } from '../managed-view.js';
import { asMove, refused } from '../move-out.js';
import { unplugVifs } from '../vif-plugging.js';

/** Moving a running guest, in the order in which the manager calls. */
export function liveMigration({ calls, connection }: AbilityParts): LiveMigrationAbility {
  return {
    checkCanLiveMigrateDestination: ({ instance, sourceHost, disks }, options = {}) =>
      calls.change('checkCanLiveMigrateDestination', instance, options, async (call) => {
        const { uuid, flavor } = instance;
        const { guest } = await readMine(call);
        const { hypervisorHostname, memoryMib, memoryUsedMib } = await connection.readResources(call);
        if (sourceHost === hypervisorHostname) throw refused('same host', 'It is here already.', call);
        await asMove('check move', call, () => connection.moves.checkPeer(uuid, sourceHost, call));
        if (guest !== undefined) throw refused('busy', 'There is a guest of that uuid.', call);
        if (memoryUsedMib + flavor.memoryMib > memoryMib)
          throw refused('unspecified', 'There is no memory left.', call);
        await changingUndone('remove the probe', call, {
          step: (stepOptions) => connection.moves.writeProbe(uuid, stepOptions),
          undo: (undoOptions) => connection.moves.removeProbe(uuid, undoOptions),
        });
        return {
          driver: 'fake',
          disks: disks === 'copied' ? 'copied' : 'shared',
          address: hypervisorHostname,
          facts: { asked: disks },
        };
      }),

    checkCanLiveMigrateSource: ({ instance, data }, options = {}) =>
      calls.change('checkCanLiveMigrateSource', instance, options, async (call) => {
        const { uuid } = instance;
        const { guest, shares } = await readPresent(connection, instance, call);
        if (data.driver !== 'fake') throw refused('unspecified', `It is of the driver ${data.driver}.`, call);
        if (guest.state !== 'running' && guest.state !== 'paused') throw refused('busy', `It is ${guest.state}.`, call);
        if (shares !== undefined) throw refused('device', 'It has shares of this host.', call);
        await asMove('check move', call, () => connection.moves.checkPeer(uuid, data.address, call));
        const storage = await connection.moves.readProbe(uuid, call);
        const { asked } = data.facts;
        if (asked === 'shared' && storage === 'own') throw refused('storage', 'The hosts share no storage.', call);
        if (asked === 'copied' && storage === 'shared')
          throw refused('storage', 'The hosts share their storage.', call);
        return { ...data, disks: storage === 'shared' ? 'shared' : 'copied' };
      }),

    cleanupLiveMigrationDestinationCheck: ({ instance }, options = {}) =>
      calls.change('cleanupLiveMigrationDestinationCheck', instance, options, async (call) => {
        const { probe } = await readManaged(connection, instance, call);
        if (probe !== undefined) await changing(call, () => connection.moves.removeProbe(instance.uuid, call));
      }),

    preLiveMigration: ({ instance, data }, options = {}) =>
      calls.change('preLiveMigration', instance, options, async (call): Promise<LiveMigrationData> => {
        await readyDestination(instance, data, call);
        return { ...data, facts: { ...data.facts, ready: true } };
      }),

    liveMigration: ({ instance, data }, options = {}) =>
      calls.change('liveMigration', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        await followMigration({ destination: data.address, disks: data.disks }, call, options.onProgress);
      }),

    postLiveMigrationAtSource: ({ instance, data }, options = {}) =>
      calls.change('postLiveMigrationAtSource', instance, options, async (call) => {
        const { uuid } = instance;
        const { guest, vifs, disks, holder } = await readManaged(connection, instance, call);
        // The guest that is here did not leave, or has come back: nothing of it is a leftover.
        if (guest !== undefined || holder === 'another generation') return;
        await unplugVifs(vifs, call);
        await leaveDisks(disks, data, call);
        await changing(call, () => connection.migrations.forget(uuid, call));
      }),

    postLiveMigrationAtDestination: ({ instance }, options = {}) =>
      calls.change('postLiveMigrationAtDestination', instance, options, async (call) => {
        await readPresent(connection, instance, call);
        await changing(call, () => connection.define(instance, call));
      }),

    rollbackLiveMigrationAtSource: ({ instance }, options = {}) =>
      calls.change('rollbackLiveMigrationAtSource', instance, options, async (call) => {
        const { holder } = await readManaged(connection, instance, call);
        if (holder === 'another generation') return;
        await changing(call, () => connection.migrations.forget(instance.uuid, call));
      }),

    rollbackLiveMigrationAtDestination: ({ instance, data }, options = {}) =>
      calls.change('rollbackLiveMigrationAtDestination', instance, options, async (call) => {
        const { uuid } = instance;
        const { guest, vifs, disks, probe } = await readManaged(connection, instance, call);
        if (probe !== undefined) await changing(call, () => connection.moves.removeProbe(uuid, call));
        // It has come after all: what is here is its own.
        if (guest !== undefined) return;
        await unplugVifs(vifs, call);
        await leaveDisks(disks, data, call);
      }),
  };
}
