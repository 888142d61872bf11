import { MemoryStore } from '@virtkit/core';

/** Counts what the manager asks of its store. */
export class CountingStore extends MemoryStore {
  commits = 0;
  writes = 0;
  reads = 0;

  override commit(...[writes]: Parameters<MemoryStore['commit']>): ReturnType<MemoryStore['commit']> {
    this.commits += 1;
    this.writes += writes.length;
    return super.commit(writes);
  }

  override getInstance(...args: Parameters<MemoryStore['getInstance']>): ReturnType<MemoryStore['getInstance']> {
    this.reads += 1;
    return super.getInstance(...args);
  }
}
