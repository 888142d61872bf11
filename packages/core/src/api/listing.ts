/** Reads one page: at most `countMax` items of those after `after`. */
type ReadPage<Item> = (page: {
  readonly after: string | undefined;
  readonly countMax: number;
}) => Promise<readonly Item[]>;

interface ListingLimits {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

const PAGE_ITEMS = 200;

/**
 * What a list asks for, read page by page while it is iterated: `for await (const instance of acme.instances.list())`. Each iteration begins
 * anew. What is added or deleted meanwhile may be seen or not; everything else is seen once.
 */
export class Listing<Item extends { readonly uuid: string }> implements AsyncIterable<Item> {
  readonly #readPage: ReadPage<Item>;
  readonly #limits: ListingLimits;

  constructor(readPage: ReadPage<Item>, limits: ListingLimits) {
    this.#readPage = readPage;
    this.#limits = limits;
  }

  /** All of them in one array. Give a `limit` where there may be many. */
  async toArray(): Promise<readonly Item[]> {
    const items: Item[] = [];
    for await (const item of this) items.push(item);
    return items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    let { after } = this.#limits;
    let left = this.#limits.limit ?? Infinity;
    while (left > 0) {
      const countMax = Math.min(PAGE_ITEMS, left);
      const page = await this.#readPage({ after, countMax });
      yield* page;
      if (page.length < countMax) return;
      left -= page.length;
      after = page.at(-1)?.uuid;
    }
  }
}
