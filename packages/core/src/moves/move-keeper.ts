import type { ResourceClaims } from '../claims/resource-claims.js';
import type { ComputeEvents } from '../compute-events.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { Instance } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import { lanedHalf } from '../peers/laned-half.js';
import { cleanUpMoves } from './clean-up-moves.js';
import { Evacuation } from './evacuation.js';
import { LiveMove } from './live-move.js';
import { MigrationRecord } from './migration-record.js';
import { MoveNews } from './move-news.js';
import type { MoveParts } from './move-parts.js';
import { openMoveOf } from './open-move.js';
import { ResizeMove } from './resize-move.js';
import type { SettledMove } from './settled-move.js';

export interface MoveKeeperParts extends MoveParts {
  readonly claims: ResourceClaims;
  readonly lanes: InstanceLanes;
  readonly events: ComputeEvents;
}

/** What a host does about moves beside leading them: it is found by the others, settles what was cut off, and removes what was left. */
export class MoveKeeper {
  readonly #parts: MoveKeeperParts;
  readonly #news: MoveNews;
  #leave: () => void = () => undefined;

  constructor(parts: MoveKeeperParts) {
    this.#parts = parts;
    this.#news = new MoveNews(parts);
  }

  /** From here on other managers reach this host, and what moves take of it is counted. */
  async open(): Promise<void> {
    const { host, claims, peers, half, lanes, events } = this.#parts;
    await claims.open();
    this.#news.open(events);
    this.#leave = peers.join(host, lanedHalf(half, lanes));
  }

  async close(): Promise<void> {
    this.#leave();
    this.#parts.claims.close();
    await this.#news.close();
  }

  /** Removes what moves that are over have left on this host. Never rejects: what could not be removed now is found at the next start. */
  async cleanUp(): Promise<void> {
    await cleanUpMoves(this.#parts);
  }

  /** Instances that are set aside until both ends of their move have told where the guest is. */
  async unsettled(): Promise<readonly string[]> {
    const { host, records } = this.#parts;
    const open = await records.store.listMigrations({ host, status: underWay });
    const unsettled: string[] = [];
    for (const migration of open.filter((each) => leaderOf(each) === host)) {
      const { taskState } = await records.store.getInstance(migration.instanceUuid);
      if (taskState === null) unsettled.push(migration.instanceUuid);
    }
    return unsettled;
  }

  /**
   * Ends the move that an instance is on, for its leader: both ends are asked where the guest is, and it is finished there. Rejects, and has
   * done nothing on doubt, when an end does not answer. `undefined`: it is on none that is led from here.
   */
  async settle(instance: Instance, actionUuid: string | null): Promise<SettledMove | undefined> {
    const { host, records, clock } = this.#parts;
    const migration = await openMoveOf(instance.uuid, records);
    const isLedHere = migration && leaderOf(migration) === host && underWay.includes(migration.status);
    if (!isLedHere || (actionUuid !== null && migration.actionUuid !== actionUuid)) return undefined;
    const record = new MigrationRecord(migration, clock);
    switch (migration.kind) {
      case 'live-migration':
        return await new LiveMove(this.#parts, record).settle(instance);
      case 'evacuation':
        return await new Evacuation(this.#parts, record).settle(instance);
      default:
        return await new ResizeMove(this.#parts, record).settle(instance);
    }
  }
}

const underWay: readonly Migration['status'][] = ['accepted', 'preparing', 'running'];

/** Whose manager leads a move. */
function leaderOf({ kind, sourceHost, destinationHost }: Migration): string {
  return kind === 'evacuation' ? destinationHost : sourceHost;
}
