import type { ComputeEvents } from './compute-events.js';
import type { CallOptions } from './driver/index.js';
import type { CommittedInstances, ComputeStore } from './store/compute-store.js';
import type { StoreWrite } from './store/store-write.js';

/** The one way to write: a commit to the store, then the events that tell of it. Reads go to `store`. */
export class Records {
  readonly store: ComputeStore;
  readonly #events: ComputeEvents;

  constructor({ store, events }: { readonly store: ComputeStore; readonly events: ComputeEvents }) {
    this.store = store;
    this.#events = events;
  }

  async commit(writes: readonly StoreWrite[], options?: CallOptions): Promise<CommittedInstances> {
    const instances = await this.store.commit(writes, options);
    for (const instance of instances.values()) this.#events.emit('instance.changed', instance);
    for (const write of writes) this.#tell(write);
    return instances;
  }

  #tell(write: StoreWrite): void {
    if (write.write === 'put-action') this.#events.emit('action.changed', write.action);
    else if (write.write === 'put-fault') this.#events.emit('fault.recorded', write.fault);
    else if (write.write === 'append-notification') this.#events.emit('notification.appended', write.notification);
  }
}
