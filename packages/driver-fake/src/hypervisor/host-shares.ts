import type { Share } from '@virtkit/core/driver';
import type { Holdings } from './holding.js';

/** Directories that the host has mounted for guests. */
export class HostShares {
  readonly #holdings: Holdings;
  readonly #byUuid = new Map<string, readonly Share[]>();

  constructor(holdings: Holdings) {
    this.#holdings = holdings;
  }

  of(uuid: string): readonly Share[] | undefined {
    return this.#byUuid.get(uuid);
  }

  /** Mounted already: nothing to do. @throws FakeHypervisorError `no-guest` */
  mount(uuid: string, share: Share): void {
    this.#holdings.guest(uuid);
    const shares = this.#byUuid.get(uuid) ?? [];
    if (!shares.some(({ id }) => id === share.id)) this.#byUuid.set(uuid, [...shares, share]);
  }

  /** Not mounted: nothing to do. */
  unmount(uuid: string, shareId: string): void {
    const left = (this.#byUuid.get(uuid) ?? []).filter(({ id }) => id !== shareId);
    if (left.length === 0) this.#byUuid.delete(uuid);
    else this.#byUuid.set(uuid, left);
  }
}
