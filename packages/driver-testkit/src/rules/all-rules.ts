import type { Rule } from '../suite/rule.js';
import { abortRules } from './abort-rules.js';
import { consoleEndpointRules } from './console-endpoint-rules.js';
import { diagnosticsRules } from './diagnostics-rules.js';
import { evacuateRules } from './evacuate-rules.js';
import { generationRules } from './generation-rules.js';
import { keptGenerationRules } from './kept-generation-rules.js';
import { fenceRules } from './fence-rules.js';
import { guestAgentRules } from './guest-agent-rules.js';
import { hostRules } from './host-rules.js';
import { liveMigrationEndRules } from './live-migration-end-rules.js';
import { liveMigrationRules } from './live-migration-rules.js';
import { resizeInPlaceRules } from './resize-in-place-rules.js';
import { resizeRules } from './resize-rules.js';
import { consoleRules } from './console-rules.js';
import { destroyRules } from './destroy-rules.js';
import { eventRules } from './event-rules.js';
import { foreignGuestRules } from './foreign-guest-rules.js';
import { hostResourceRules } from './host-resource-rules.js';
import { idempotenceRules } from './idempotence-rules.js';
import { lifeRules } from './life-rules.js';
import { overlapRules } from './overlap-rules.js';
import { pauseRules } from './pause-rules.js';
import { powerRules } from './power-rules.js';
import { readRules } from './read-rules.js';
import { reconnectRules } from './reconnect-rules.js';
import { rebootRules } from './reboot-rules.js';
import { spawnRules } from './spawn-rules.js';
import { startFailureRules } from './start-failure-rules.js';
import { suspendRules } from './suspend-rules.js';
import { unknownInstanceRules } from './unknown-instance-rules.js';
import { vifRules } from './vif-rules.js';
import { anotherGenerationRules } from './another-generation-rules.js';
import { blockStatsRules } from './block-stats-rules.js';
import { extendVolumeRules } from './extend-volume-rules.js';
import { imageCacheRules } from './image-cache-rules.js';
import { injectNetworkRules } from './inject-network-rules.js';
import { interfaceRules } from './interface-rules.js';
import { plugVifsRules } from './plug-vifs-rules.js';
import { rebuildRules } from './rebuild-rules.js';
import { rescueRules } from './rescue-rules.js';
import { reusedDiskRules } from './reused-disk-rules.js';
import { shareRules } from './share-rules.js';
import { snapshotRules } from './snapshot-rules.js';
import { softDeleteRules } from './soft-delete-rules.js';
import { swapVolumeRules } from './swap-volume-rules.js';
import { volumeRules } from './volume-rules.js';
import { volumeSnapshotRules } from './volume-snapshot-rules.js';

/** The contract, in the order in which a reader of the report wants it. */
export const ruleGroups: Readonly<Record<string, readonly Rule[]>> = {
  'life of a driver': lifeRules,
  spawn: spawnRules,
  'spawn and the network': vifRules,
  destroy: destroyRules,
  generations: generationRules,
  reads: readRules,
  power: powerRules,
  pause: pauseRules,
  suspend: suspendRules,
  reboot: rebootRules,
  'a start that fails': startFailureRules,
  'spawn around disks': reusedDiskRules,
  'generations that are kept': keptGenerationRules,
  'guests of another generation': anotherGenerationRules,
  rescue: rescueRules,
  rebuild: rebuildRules,
  'soft delete': softDeleteRules,
  snapshot: snapshotRules,
  'image cache': imageCacheRules,
  volumes: volumeRules,
  'volumes that are swapped': swapVolumeRules,
  'volumes that grow': extendVolumeRules,
  'snapshots of volumes': volumeSnapshotRules,
  'block statistics': blockStatsRules,
  interfaces: interfaceRules,
  vifs: plugVifsRules,
  'network set-up': injectNetworkRules,
  shares: shareRules,
  'console output': consoleRules,
  'host resources': hostResourceRules,
  resize: resizeRules,
  'resize on the same host': resizeInPlaceRules,
  'live migration': liveMigrationRules,
  'the end of a live migration': liveMigrationEndRules,
  evacuate: evacuateRules,
  'guest agent': guestAgentRules,
  diagnostics: diagnosticsRules,
  'consoles of a guest': consoleEndpointRules,
  host: hostRules,
  events: eventRules,
  'a hypervisor that restarts': reconnectRules,
  'guests of others': foreignGuestRules,
  fence: fenceRules,
  'calls that overlap': overlapRules,
  'unknown instances': unknownInstanceRules,
  'repeated calls': idempotenceRules,
  'aborted calls': abortRules,
};

export const allRules: readonly Rule[] = Object.values(ruleGroups).flat();
