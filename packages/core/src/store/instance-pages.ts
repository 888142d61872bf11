import type { CallOptions } from '../driver/index.js';
import type { Instance } from '../model/instance.js';
import type { ComputeStore, InstanceQuery } from './compute-store.js';

/** Enough for a store to answer at once, little enough for any process to hold. */
const PAGE_COUNT_MAX = 1_000;

/** All instances that match, page by page, in the order of their uuids: a host of any size is read in bounded memory. */
export async function* instancePages(
  store: ComputeStore,
  query: InstanceQuery,
  options: CallOptions = {},
): AsyncGenerator<readonly Instance[], void> {
  let afterUuid: string | undefined;
  for (;;) {
    const from = afterUuid === undefined ? query : { ...query, afterUuid };
    const page = await store.listInstances({ ...from, countMax: PAGE_COUNT_MAX }, options);
    if (page.length > 0) yield page;
    if (page.length < PAGE_COUNT_MAX) return;
    afterUuid = page.at(-1)?.uuid;
  }
}
