import type { MinimalHost } from './minimal-host.js';

/** What joins hosts of maps and sets: their names, one link, one count of boots. */
export class MinimalNetwork {
  readonly hosts = new Map<string, MinimalHost>();
  bootCount = 0;
  link: 'up' | 'cut' = 'up';
}

/** How a live migration of a busy guest is to end. */
export type MoveEnd = 'completed' | 'aborted';

/** What a host of maps and sets holds of guests that move, by uuid; disks by what is on them. */
export class MinimalMoveStore {
  readonly kept = new Map<string, string>();
  readonly arrived = new Map<string, string>();
  readonly probes = new Set<string>();
  /** Live migrations of guests that never end by themselves. */
  readonly underWay = new Map<string, (end: MoveEnd) => void>();

  belongings(uuid: string): readonly string[] {
    return [
      ...(this.kept.has(uuid) ? ['kept disk'] : []),
      ...(this.arrived.has(uuid) ? ['arrived disk'] : []),
      ...(this.probes.has(uuid) ? ['probe'] : []),
    ];
  }

  forget(uuid: string): void {
    for (const store of [this.kept, this.arrived, this.probes]) store.delete(uuid);
  }
}
