/**
 * Does the same for many, at most `countMax` at once, in their order. Whatever happens to one, the others are done; the first failure is
 * thrown at the end. An aborted signal begins no more.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  { countMax, signal }: { readonly countMax: number; readonly signal: AbortSignal },
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const next = items.values();
  const worker = async (): Promise<void> => {
    for (const item of next) {
      if (signal.aborted) return;
      try {
        await work(item);
      } catch (failure) {
        if (failures.length === 0) failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(countMax, items.length) }, worker));
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
