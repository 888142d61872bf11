import { FakeHypervisorError } from './fake-hypervisor-error.js';
import type { FakeDisk, GuestView } from './guest-view.js';
import type { Holdings } from './holding.js';
import type { HostSize } from './host-size.js';
import type { StorageMount } from './storage-mount.js';

/** Where disks lie that are not their guest's now: `kept` for a revert, `arrived` and not used yet. */
export type MovePlace = 'kept' | 'arrived';

const keyOf = (uuid: string, place: MovePlace | 'probe'): string => `${uuid}_${place}`;

/** The disks of guests that move: set aside, received, taken back. None of it takes time; copies are their callers' business. */
export class HostMoves {
  readonly #size: HostSize;
  readonly #holdings: Holdings;
  readonly #mount: StorageMount;
  /** Copies on their way to another host. The host makes them: they go on when whoever asked for them dies. */
  readonly #sending = new Map<string, AbortController>();

  constructor(size: HostSize, holdings: Holdings, mount: StorageMount) {
    this.#size = size;
    this.#holdings = holdings;
    this.#mount = mount;
  }

  disksIn(place: MovePlace, uuid: string): readonly FakeDisk[] {
    return this.#mount.disksOf(keyOf(uuid, place));
  }

  view(uuid: string): Pick<GuestView, 'kept' | 'arrived' | 'probe'> {
    const kept = this.disksIn('kept', uuid);
    const arrived = this.disksIn('arrived', uuid);
    return {
      ...(kept.length > 0 && { kept }),
      ...(arrived.length > 0 && { arrived }),
      ...(this.probeOf(uuid) === 'present' && { probe: 'present' }),
    };
  }

  /** The guest's disks are kept for later, and are the guest's no more. None: nothing to do. */
  moveDisksTo(place: MovePlace, uuid: string): void {
    const disks = this.#mount.disksOf(uuid);
    if (disks.length === 0) return;
    this.#mustBeOff(uuid);
    this.#mount.setDisks(uuid, []);
    this.#mount.setDisks(keyOf(uuid, place), disks);
  }

  /** The guest's disks are those from there. None there: nothing to do. */
  takeDisksFrom(place: MovePlace, uuid: string): void {
    const disks = this.disksIn(place, uuid);
    if (disks.length === 0) return;
    this.#mustBeOff(uuid);
    if (this.#mount.disksOf(uuid).length > 0) {
      throw new FakeHypervisorError('refused', `/srv/fake/disks/${uuid}: Directory not empty`);
    }
    this.#mount.setDisks(keyOf(uuid, place), []);
    this.#mount.setDisks(uuid, disks);
  }

  get sentUuids(): readonly string[] {
    return [...this.#sending.keys()];
  }

  /** Has a copy of a disk made elsewhere, until it is there or stopped. One at a time. */
  async send(uuid: string, copy: (stopped: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#sending.has(uuid))
      throw new FakeHypervisorError('busy', `a disk of domain ${uuid} is being sent already`);
    const sending = new AbortController();
    this.#sending.set(uuid, sending);
    try {
      await copy(sending.signal);
    } finally {
      this.#sending.delete(uuid);
    }
  }

  /** None is on its way: nothing to do. */
  stopSending(uuid: string): void {
    this.#sending.get(uuid)?.abort(new FakeHypervisorError('refused', `sending a disk of domain ${uuid} was stopped`));
  }

  /** A disk has come from another host. One of its name that came before is replaced. */
  receive(uuid: string, disk: FakeDisk): void {
    const others = this.disksIn('arrived', uuid).filter(({ id }) => id !== disk.id);
    this.checkSpace(disk);
    this.#mount.setDisks(keyOf(uuid, 'arrived'), [...others, disk]);
  }

  /** @throws FakeHypervisorError `no-space` */
  checkSpace({ id, sizeGib }: FakeDisk): void {
    if (this.#mount.usedGib + sizeGib <= this.#size.diskGib) return;
    const message = `Cannot allocate disk ${id} on ${this.#size.hypervisorHostname}: No space left on device`;
    throw new FakeHypervisorError('no-space', message);
  }

  /** Removes what lies there. */
  discard(place: MovePlace, uuid: string): void {
    this.#mount.setDisks(keyOf(uuid, place), []);
  }

  /** Makes a disk of the guest larger. As large already, or larger: nothing to do. */
  growDisk(uuid: string, diskId: string, sizeGib: number): void {
    const disks = this.#mount.disksOf(uuid);
    if (!disks.some((disk) => disk.id === diskId && disk.sizeGib < sizeGib)) return;
    this.#mustBeOff(uuid);
    this.#mount.setDisks(
      uuid,
      disks.map((disk) => (disk.id === diskId ? { ...disk, sizeGib } : disk)),
    );
  }

  /** Whether the host reaches disks of the instance, its own or on storage it shares. */
  reaches(uuid: string): 'present' | 'absent' {
    return this.#mount.reach(uuid).length > 0 ? 'present' : 'absent';
  }

  /** The host uses the disks that lie there. @throws FakeHypervisorError `cannot-start` when there are none */
  holdDisks(uuid: string): void {
    if (this.reaches(uuid) === 'absent') {
      const message = `Cannot access storage file '/srv/fake/disks/${uuid}/root': No such file or directory`;
      throw new FakeHypervisorError('cannot-start', message, 'disk');
    }
    this.#mount.hold(uuid);
  }

  /** The host uses them no more; they stay. */
  letDisksGo(uuid: string): void {
    this.#mustBeOff(uuid);
    this.#mount.letGo(uuid);
  }

  /** A file by which two hosts find out whether they share storage. */
  writeProbe(uuid: string): void {
    const content = this.#mount.storage.freshContent('probe');
    this.#mount.setDisks(keyOf(uuid, 'probe'), [{ id: 'probe', sizeGib: 0, content }]);
  }

  removeProbe(uuid: string): void {
    this.#mount.setDisks(keyOf(uuid, 'probe'), []);
  }

  /** Whether this host has written one. */
  probeOf(uuid: string): 'present' | 'absent' {
    return this.#mount.disksOf(keyOf(uuid, 'probe')).length > 0 ? 'present' : 'absent';
  }

  /** Whether this host sees one, whoever has written it. */
  seesProbe(uuid: string): 'shared' | 'own' {
    return this.#mount.reach(keyOf(uuid, 'probe')).length > 0 ? 'shared' : 'own';
  }

  #mustBeOff(uuid: string): void {
    const guest = this.#holdings.find(uuid)?.guest;
    if (guest === undefined || guest.state === 'shut-off') return;
    throw new FakeHypervisorError('busy', `the disks are in use by domain '${guest.definition.name}'`);
  }
}
