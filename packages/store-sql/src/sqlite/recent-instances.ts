import type { CommittedInstances, Instance, StoreWrite } from '@virtkit/core/store';

/** More than a host works on at once; a few KiB each. */
const COUNT_MAX = 1_024;

/**
 * The instances of the last commits, as these left them on disk. Whoever has the file to itself knows them without asking it again, and
 * nearly every read of an instance follows one of its commits.
 *
 * An instance that a commit under way writes to is not known here: a read that was asked for after a commit sees what it wrote.
 */
export class RecentInstances {
  readonly #instances = new Map<string, Instance>();
  readonly #underWay = new Map<string, number>();

  find(uuid: string): Instance | undefined {
    return this.#underWay.has(uuid) ? undefined : this.#instances.get(uuid);
  }

  /** Keeps what a commit of these writes answers with. Of one that fails in doubt nothing is known any more. */
  async keep(writes: readonly StoreWrite[], commit: () => Promise<CommittedInstances>): Promise<CommittedInstances> {
    const written = new Set(writes.flatMap(instanceOf));
    for (const uuid of written) this.#underWay.set(uuid, (this.#underWay.get(uuid) ?? 0) + 1);
    try {
      const committed = await commit();
      for (const instance of committed.values()) this.#put(instance);
      return committed;
    } catch (failure) {
      for (const uuid of written) this.#instances.delete(uuid);
      throw failure;
    } finally {
      for (const uuid of written) this.#settled(uuid);
    }
  }

  #put(instance: Instance): void {
    // Last in order, so that the first is the one that was not written to for the longest time.
    this.#instances.delete(instance.uuid);
    this.#instances.set(instance.uuid, instance);
    const [oldest] = this.#instances.keys();
    if (this.#instances.size > COUNT_MAX && oldest !== undefined) this.#instances.delete(oldest);
  }

  #settled(uuid: string): void {
    const left = (this.#underWay.get(uuid) ?? 1) - 1;
    if (left > 0) this.#underWay.set(uuid, left);
    else this.#underWay.delete(uuid);
  }
}

function instanceOf(write: StoreWrite): readonly string[] {
  if (write.write === 'update-instance') return [write.uuid];
  return write.write === 'create-instance' ? [write.instance.uuid] : [];
}
