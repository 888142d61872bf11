/** What somebody has begun on the disks of guests and not ended, by the uuids of their instances. */
export interface BegunWork {
  /** Of whose root disk a moment is held. */
  readonly captured: readonly string[];
  /** One of whose disks is being copied to another. */
  readonly copied: readonly string[];
  /** One of whose disks is on its way to another host. */
  readonly sent: readonly string[];
}
