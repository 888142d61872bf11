import type { BlockDevice } from './block-device.js';
import type { Flavor } from './flavor.js';
import type { Image } from './image.js';
import type { NetworkInterface } from './network-interface.js';

/** All a driver needs to know of an instance to make or remake its guest. A value: it never changes under its holder. */
export interface InstanceSpec {
  /** RFC 4122, lower case. The only name by which drivers look guests up. */
  readonly uuid: string;
  /**
   * Which of the guests that have had this uuid is meant: the uuid of the action that spawned it. The driver stores it in the step that makes
   * the guest. `null` or left out: a guest that was made before there were generations.
   */
  readonly generation?: string | null;
  /** For people and for the guest's host name. Not unique, never a key, never part of a path. */
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly flavor: Flavor;
  readonly image: Image;
  readonly networkInterfaces: readonly NetworkInterface[];
  readonly blockDevices: readonly BlockDevice[];
  /** The tenant's own labels. Drivers may store them, and read nothing from them. */
  readonly metadata: Readonly<Record<string, string>>;
}
