import type { AbilityParts } from './ability-parts.js';
import { consoles } from './abilities/consoles.js';
import { diagnostics } from './abilities/diagnostics.js';
import { evacuate, lingeringFiles } from './abilities/evacuate.js';
import { guestAgent } from './abilities/guest-agent.js';
import { hostControl, hostFigures, powerFromOutside } from './abilities/host.js';
import { liveMigrationEnd } from './abilities/live-migration-end.js';
import { liveMigration } from './abilities/live-migration.js';
import { resize } from './abilities/resize.js';
import { consoleOutput } from './abilities/console-output.js';
import { guests } from './abilities/guests.js';
import { hostResources } from './abilities/host-resources.js';
import { pause } from './abilities/pause.js';
import { power } from './abilities/power.js';
import { reads } from './abilities/reads.js';
import { reboot } from './abilities/reboot.js';
import { suspend } from './abilities/suspend.js';
import { blockStats } from './abilities/block-stats.js';
import { extendVolume } from './abilities/extend-volume.js';
import { imageCache } from './abilities/image-cache.js';
import { injectNetwork } from './abilities/inject-network.js';
import { interfaces } from './abilities/interfaces.js';
import { rebuild } from './abilities/rebuild.js';
import { rescue } from './abilities/rescue.js';
import { shares } from './abilities/shares.js';
import { snapshot } from './abilities/snapshot.js';
import { softDelete } from './abilities/soft-delete.js';
import { swapVolume } from './abilities/swap-volume.js';
import { vifs } from './abilities/vifs.js';
import { volumeSnapshots } from './abilities/volume-snapshots.js';
import { volumes } from './abilities/volumes.js';

/** Every method of the driver but `initHost` and `cleanupHost`, one family a line. */
export function allAbilities(parts: AbilityParts) {
  return {
    ...guests(parts),
    ...reads(parts),
    ...power(parts),
    ...pause(parts),
    ...suspend(parts),
    ...reboot(parts),
    ...consoleOutput(parts),
    ...hostResources(parts),
    ...rescue(parts),
    ...rebuild(parts),
    ...softDelete(parts),
    ...snapshot(parts),
    ...imageCache(parts),
    ...volumes(parts),
    ...swapVolume(parts),
    ...extendVolume(parts),
    ...volumeSnapshots(parts),
    ...blockStats(parts),
    ...interfaces(parts),
    ...vifs(parts),
    ...injectNetwork(parts),
    ...shares(parts),
    ...resize(parts),
    ...liveMigration(parts),
    ...liveMigrationEnd(parts),
    ...evacuate(parts),
    ...lingeringFiles(parts),
    ...consoles(parts),
    ...guestAgent(parts),
    ...diagnostics(parts),
    ...hostFigures(parts),
    ...hostControl(parts),
    ...powerFromOutside(parts),
  };
}
