import type { AnyProcedure } from '../procedures/procedure.js';
import { CallLane } from './call-lane.js';
import { LanePair } from './lane-pair.js';
import type { PendingCall } from './pending-call.js';
import { isQuickRead } from './quick-reads.js';

export interface LaneLimits {
  readonly window: number;
  readonly priorityWindow: number;
  readonly quickWindow: number;
  readonly queueMax: number;
}

export interface LaneSurroundings {
  readonly send: (call: PendingCall) => void;
  /** In milliseconds, from any start. */
  readonly now: () => number;
}

/** Quick reads of which none is answered for so long are not quick today. */
const PATIENCE_MS = 1_000;

/**
 * The lines of one connection, and how many calls of each may be with the daemon at once.
 *
 * libvirtd works on five calls of a connection. Until one of them is done it reads nothing more, keepalive included, and
 * when that takes long it cuts the connection off. Hence the windows: of four calls none keeps it from reading. Quick
 * reads may be more, because those that were not read are read in less than a millisecond, and each one that is there
 * already spares a way back and forth. But they are no more than the window has places as soon as any other call is with
 * the daemon or waits, or when the daemon has fallen silent.
 */
export class CallLanes {
  /** Calls of low priority. */
  readonly common: LanePair;
  /** Calls of high priority, for which the daemon has workers of their own. */
  readonly priority: LanePair;
  readonly #lanes: readonly CallLane[];

  constructor({ window, priorityWindow, quickWindow, queueMax }: LaneLimits, { send, now }: LaneSurroundings) {
    const newLane = (hasRoom: () => boolean): CallLane =>
      new CallLane({ queueMax, hasRoom, send, now, freed: this.#advance });
    const onlyQuickReads = (): boolean => this.common.slow.size === 0 && this.priority.slow.size === 0;
    const newPair = (pairWindow: number): LanePair => {
      const pair: LanePair = new LanePair(pairWindow, {
        slow: newLane(() => pair.hasRoomForSlow && this.#quickReadsFitIn),
        quick: newLane(() => {
          if (pair.hasRoomForQuick) return true;
          const { inFlight, silentMs } = pair.quick;
          return inFlight < quickWindow && onlyQuickReads() && silentMs < PATIENCE_MS;
        }),
      });
      return pair;
    };
    this.common = newPair(window);
    this.priority = newPair(priorityWindow);
    this.#lanes = [this.common, this.priority].flatMap(({ quick, slow }) => [quick, slow]);
  }

  laneOf(procedure: AnyProcedure): CallLane {
    const { slow, quick, window } = procedure.priority === 'high' ? this.priority : this.common;
    // One place cannot be shared: whoever came first gets it first.
    return window > 1 && isQuickRead(procedure) ? quick : slow;
  }

  /** Empties the lines. The calls in flight are none of their business any more. */
  drain(): PendingCall[] {
    return this.#lanes.flatMap((lane) => lane.drain());
  }

  /** Quick reads have been let through in numbers; a slow call waits until they are few. */
  get #quickReadsFitIn(): boolean {
    return this.common.fitsIn && this.priority.fitsIn;
  }

  readonly #advance = (): void => {
    for (const lane of this.#lanes) lane.advance();
  };
}
