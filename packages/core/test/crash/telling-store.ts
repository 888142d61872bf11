import type { ComputeStore, StoreWrite } from '@virtkit/core/store';
import type { ProcessLine } from './process-line.js';

/** A store whose commits are points at which this process may be killed: whoever kills is told before and after. */
export function tellingStore(store: ComputeStore, line: ProcessLine): ComputeStore {
  const commit: ComputeStore['commit'] = async (writes: readonly StoreWrite[], options) => {
    const nth = await line.call(['before commit'], []);
    const committed = await store.commit(writes, options);
    await line.call(['after commit'], [nth, writes, committed]);
    return committed;
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'commit') return commit;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
