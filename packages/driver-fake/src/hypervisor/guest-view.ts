import type { InstanceSpec } from '@virtkit/core/driver';
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
}

export interface DefinedGuest {
  readonly name: string;
  readonly maker: GuestMaker;
  readonly state: GuestState;
  /** What its next start is made from. */
  readonly definition: InstanceSpec;
  /** What it was started from; differs from the definition when that was changed since. */
  readonly running: InstanceSpec | undefined;
  /**
   * Which boot of this hypervisor it lives from: no two boots have the same number, and a resume does not change it. So a
   * higher number proves that its CPUs started from reset. 0: never booted.
   */
  readonly life: number;
}

export interface FakeDisk {
  readonly id: string;
  readonly sizeGib: number;
}
