import { ComputeError } from '@virtkit/core/driver';
import { definedDisks, diskSource, diskTarget, isRemovable, type DefinedDisk } from '../domain-xml/defined-disks.js';
import type { RunningCall } from '../driver-calls.js';
import type { Guest } from '../guest/guest.js';

/**
 * The disks of the guest's next start as its definition has them. Tools beside this driver change them: an external snapshot
 * puts a layer over a disk, a block copy moves it, somebody inserts a CD. What the guest has written since is there and
 * nowhere else, so a definition that named the disks of the first start would silently take the guest back.
 * @throws ComputeError `GUEST_START_FAILED` with the reason `changed disks` and effect `none`, when the guest runs on another
 * disk than its next start would have
 */
export async function standingDisks(guest: Guest, call: RunningCall): Promise<readonly DefinedDisk[]> {
  const next = definedDisks(await guest.readNextXml(call));
  const { life } = await guest.look(call);
  if (life === undefined) return next;
  const present = definedDisks(await guest.readXml(call));
  const stray = strayDisk(present, next);
  if (stray === undefined) return next;
  const message = 'the guest runs on a disk that its definition does not name; define the disk that is to be kept';
  const operator = { message, ...stray };
  throw new ComputeError(
    'GUEST_START_FAILED',
    { instanceUuid: guest.uuid, reason: 'changed disks' },
    { operator, effect: 'none' },
  );
}

export interface StrayDisk {
  readonly target: string | undefined;
  readonly runsOn: string | undefined;
  readonly wouldStartFrom: string | undefined;
}

/** The first disk of a running guest that would be another after its next start. A disk that was attached until then is none. */
export function strayDisk(present: readonly DefinedDisk[], next: readonly DefinedDisk[]): StrayDisk | undefined {
  for (const disk of present.filter((each) => !isRemovable(each))) {
    const target = diskTarget(disk);
    const later = next.find((each) => diskTarget(each) === target);
    const runsOn = diskSource(disk);
    const wouldStartFrom = later && diskSource(later);
    if (later !== undefined && runsOn !== wouldStartFrom) return { target, runsOn, wouldStartFrom };
  }
  return undefined;
}

/** Whether the disks are the driver's own and no others. A definition without any disk is one that has lost them. */
export function areOwnDisks(disks: readonly DefinedDisk[], own: readonly DefinedDisk[]): boolean {
  if (disks.length === 0) return true;
  return disks.length === own.length && disks.every((disk, index) => diskSource(disk) === diskSource(own[index] ?? {}));
}
