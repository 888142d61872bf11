import { MemoryStore } from '@virtkit/core';
import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';
import { foreignError } from './promises.js';

/** A memory store that fails every commit in which a test finds what it looks for. */
export class RefusingStore extends MemoryStore {
  /** How often a commit was refused. */
  strikes = 0;
  refuses: (write: StoreWrite) => boolean = () => false;

  override async commit(writes: readonly StoreWrite[]): Promise<CommittedInstances> {
    if (!writes.some((write) => this.refuses(write))) return await super.commit(writes);
    this.strikes++;
    throw foreignError();
  }
}
