import type { BlockDevice, NetworkInterface, Share } from '@virtkit/core/driver';
import type { SeenDevice } from '../src/index.js';

/** Disks, volumes and devices of a minimal host, in maps and sets. What a disk holds is a word. */
export class MinimalStorage {
  /** By path; an own disk by the uuid of its guest. */
  readonly contents = new Map<string, string>();
  /** Which generation of its guest a disk was made for. */
  readonly madeFor = new Map<string, string | null>();
  /** Which image a disk was made from. */
  readonly images = new Map<string, string>();
  readonly sizesMib = new Map<string, number>();
  /** By the path of a snapshot: what is below it. */
  readonly below = new Map<string, string>();
  readonly devicesNow = new Map<string, readonly SeenDevice[]>();
  readonly devicesNext = new Map<string, readonly SeenDevice[]>();
  readonly writeCounts = new Map<string, bigint>();
  /** Of whose disks a moment is held for a snapshot. */
  readonly captures = new Set<string>();
  readonly rescued = new Set<string>();
  readonly clinging = new Set<string>();
  readonly shares = new Map<string, readonly Share[]>();
  readonly networkSetUps = new Map<string, readonly string[]>();
  readonly cachedImages = new Map<string, 'new' | 'old'>();
  readonly lostImages = new Set<string>();
  #wordCount = 0;

  /** A word that nothing holds yet. */
  newWord(): string {
    this.#wordCount += 1;
    return `content ${this.#wordCount}`;
  }

  /** The next start has these. */
  define(uuid: string, devices: readonly (BlockDevice | NetworkInterface)[]): void {
    this.devicesNext.set(uuid, devices.map(seen));
  }

  start(uuid: string): void {
    this.devicesNow.set(uuid, this.devicesNext.get(uuid) ?? []);
  }

  stop(uuid: string): void {
    this.devicesNow.delete(uuid);
    this.writeCounts.clear();
  }

  /** The path of a volume that a guest has. */
  pathOf(uuid: string, deviceId: string): string | undefined {
    const devices = this.devicesNow.get(uuid) ?? this.devicesNext.get(uuid) ?? [];
    return devices.find(({ id }) => id === deviceId)?.path;
  }

  write(uuid: string, deviceId: string | undefined): void {
    const key = deviceId === undefined ? uuid : (this.pathOf(uuid, deviceId) ?? '');
    this.contents.set(key, this.newWord());
    if (deviceId !== undefined) this.writeCounts.set(deviceId, (this.writeCounts.get(deviceId) ?? 0n) + 1n);
  }

  /** Changes what a guest has, now if it runs, and for its next start. */
  change(uuid: string, change: (devices: readonly SeenDevice[]) => readonly SeenDevice[]): void {
    for (const devices of [this.devicesNow, this.devicesNext]) {
      const before = devices.get(uuid);
      if (before !== undefined) devices.set(uuid, change(before));
    }
  }

  forget(uuid: string): void {
    const held = [
      this.contents,
      this.madeFor,
      this.images,
      this.devicesNow,
      this.devicesNext,
      this.captures,
      this.rescued,
      this.shares,
      this.networkSetUps,
    ];
    for (const holdings of held) holdings.delete(uuid);
  }
}

export function seen(device: BlockDevice | NetworkInterface): SeenDevice {
  return 'source' in device ? { id: device.id, path: device.source.path } : { id: device.id };
}
