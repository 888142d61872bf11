import type { ResourceClaims } from '../claims/resource-claims.js';
import type { InstanceLanes } from '../guard/instance-lanes.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { Instance } from '../model/instance.js';
import type { Migration } from '../model/migration.js';
import { hostProtocol, type HostCalls } from '../peers/host-calls.js';
import type { HostPeer } from '../peers/host-peer.js';
import { lanedHalf } from '../peers/laned-half.js';
import { readSound } from '../records/read-sound.js';
import { fits } from '../runner/goal-state.js';
import { cleanUpMoves } from './clean-up-moves.js';
import { Evacuation } from './evacuation.js';
import { LiveMove } from './live-move.js';
import { MigrationRecord } from './migration-record.js';
import { MoveNews } from './move-news.js';
import type { MoveParts } from './move-parts.js';
import { MoveSweeper } from './move-sweeper.js';
import { openMovesOf } from './open-move.js';
import { ResizeMove } from './resize-move.js';
import { ResizeReturn } from './resize-return.js';
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
  readonly #sweeper: MoveSweeper;
  #stopListening: () => void = () => undefined;
  #leave: () => void = () => undefined;

  constructor(parts: MoveKeeperParts) {
    this.#parts = parts;
    this.#news = new MoveNews(parts);
    this.#sweeper = new MoveSweeper(parts);
  }

  /** From here on services and other managers reach this host, and what moves take of it is counted. */
  async open(calls: HostCalls): Promise<void> {
    const { host, claims, peers, half, lanes, records, events } = this.#parts;
    await claims.open();
    this.#news.open(events);
    this.#stopListening = events.on('migration.changed', (migration) => this.#sweeper.heed(migration));
    const noteMove: HostPeer['noteMove'] = async (asked, options) => {
      await half.noteMove(asked, options);
      this.#sweeper.heed(await records.store.getMigration(asked.migrationUuid, options));
    };
    this.#leave = peers.join(host, {
      protocol: hostProtocol,
      calls,
      half: (leader) => ({ ...lanedHalf({ host, half, lanes, records, leader }), noteMove }),
    });
  }

  async close(): Promise<void> {
    this.#leave();
    this.#stopListening();
    this.#parts.claims.close();
    await Promise.all([this.#news.close(), this.#sweeper.close()]);
  }

  /** Removes what moves that are over have left on this host. Never rejects: what cannot be removed now is tried again until it is. */
  async cleanUp(): Promise<void> {
    for (const migration of await cleanUpMoves(this.#parts)) this.#sweeper.sweep(migration);
  }

  /** Does something when nothing else is done to the instance here. */
  async inTurn<Value>(instanceUuid: string, work: () => Promise<Value>): Promise<Value> {
    const entry = { instanceUuid, operation: 'move', manner: 'wait' as const, signal: undefined };
    return await this.#parts.lanes.enter(entry, work);
  }

  /** Instances that are set aside until both ends of their move have told where the guest is. */
  async unsettled(): Promise<readonly string[]> {
    const { host, records } = this.#parts;
    const open = await records.store.listMigrations({ host, status: underWay });
    const unsettled: string[] = [];
    for (const migration of open.filter((each) => leaderOf(each) === host)) {
      const instance = await readSound(migration.instanceUuid, records);
      if (instance?.taskState === null) unsettled.push(migration.instanceUuid);
    }
    return unsettled;
  }

  /**
   * Ends the move that an instance is on, for its leader: both ends are asked where the guest is, and it is finished there. Rejects, and has
   * done nothing on doubt, when an end does not answer. `undefined`: it is on none that is led from here.
   */
  async settle(instance: Instance, actionUuid: string | null): Promise<SettledMove | undefined> {
    const { host, records, clock } = this.#parts;
    // One that has arrived and is not tidied up here yet is open beside the one that has taken the instance on.
    const open = await openMovesOf(instance.uuid, records);
    if (open.some((each) => isWaiting(each) && each.destinationHost === host))
      return await this.#stillResized(instance);
    const migration = open.find(
      (each) =>
        leaderOf(each) === host &&
        underWay.includes(each.status) &&
        (actionUuid === null || each.actionUuid === actionUuid),
    );
    if (!migration) return undefined;
    const record = new MigrationRecord(migration, clock);
    if (migration.status === 'reverting') return await new ResizeReturn(this.#parts, record).settle(instance);
    switch (migration.kind) {
      case 'live-migration':
        return await new LiveMove(this.#parts, record).settle(instance);
      case 'evacuation':
        return await new Evacuation(this.#parts, record).settle(instance);
      default:
        return await new ResizeMove(this.#parts, record).settle(instance);
    }
  }

  /** One that nobody could tell anything of for a while. Its guest's looks do not tell that it was resized; the record of its move does. */
  async #stillResized(instance: Instance): Promise<SettledMove | undefined> {
    const guest = await this.#parts.driver.inspect({ instance });
    if (!fits('resized', guest)) return undefined;
    return { end: 'arrived', vmState: 'resized', powerState: guest.powerState, patch: {}, writes: [] };
  }
}

/** Whether an instance waits to be confirmed or reverted, or to be confirmed once more. */
function isWaiting({ kind, status }: Migration): boolean {
  return kind !== 'evacuation' && (status === 'finished' || status === 'confirming');
}

/** What is ended for whoever began it. A resize that waits is its owner's to end. */
const underWay: readonly Migration['status'][] = ['accepted', 'preparing', 'running', 'reverting'];

/** Whose manager leads a move. */
function leaderOf({ kind, status, sourceHost, destinationHost }: Migration): string {
  return kind === 'evacuation' || status === 'reverting' ? destinationHost : sourceHost;
}
