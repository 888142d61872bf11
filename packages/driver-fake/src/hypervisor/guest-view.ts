import type { InstanceSpec, Share } from '@virtkit/core/driver';
import type { DiskContent } from './disk-content.js';
import type { GuestState } from './guest-transitions.js';

/** Whose guest it is. Virtkit marks its own; it never touches a stranger's. */
export type GuestMaker = 'virtkit' | 'stranger';

/** What the hypervisor holds under one uuid, as it was when asked. */
export interface GuestView {
  readonly uuid: string;
  /** `undefined` when there are only disks, vifs or saved memory. */
  readonly guest: DefinedGuest | undefined;
  readonly disks: readonly FakeDisk[];
  /** The ids of the interfaces whose host ends are plugged. */
  readonly vifs: readonly string[];
  readonly savedMemory: 'present' | 'absent';
  /** Left out: none. */
  readonly shares?: readonly Share[];
  /** A snapshot that has been begun, and not ended. */
  readonly capture?: { readonly imageId: string };
  /** Disks that are kept for the revert of a move. Left out: none. */
  readonly kept?: readonly FakeDisk[];
  /** Disks that have come with a move, and are not the guest's yet. Left out: none. */
  readonly arrived?: readonly FakeDisk[];
  /** A file that the check of a live migration has made. Left out: none. */
  readonly probe?: 'present';
}

/** What a guest boots from: the disk that is its own, or the one that was made to rescue it. */
export type BootSource = 'own-disk' | 'rescue-image';

export interface DefinedGuest {
  readonly name: string;
  readonly maker: GuestMaker;
  readonly state: GuestState;
  /** What its next start is made from. */
  readonly definition: InstanceSpec;
  /** What it was started from; differs from the definition when that was changed since. */
  readonly running: InstanceSpec | undefined;
  /** What it runs from, or will at its next start. */
  readonly bootsFrom: BootSource;
  /**
   * Which boot of this hypervisor it lives from: no two boots have the same number, and a resume does not change it. So a
   * higher number proves that its CPUs started from reset. 0: never booted.
   */
  readonly life: number;
}

/** A disk that the host has made. `root` is the guest's own, `rescue` the one it is rescued with. */
export interface FakeDisk {
  readonly id: string;
  readonly sizeGib: number;
  readonly content: DiskContent;
  /** The generation of the guest that it was made for. Left out: of one without. */
  readonly madeFor?: string;
}
