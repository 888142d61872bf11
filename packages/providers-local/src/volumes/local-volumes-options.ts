import { isAbsolute } from 'node:path';
import type { Clock, DriverLog } from '@virtkit/core/driver';
import { z } from 'zod';
import { folderId } from '../directory/folder-id.js';

const path = z.string('an absolute path of the host').refine(isAbsolute, 'an absolute path of the host');
const name = z.string('1 to 255 characters').min(1, '1 to 255 characters').max(255, '1 to 255 characters');
const uuid = z.string('a lower-case uuid').regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'a lower-case uuid');
const count = z.int('a whole number, at least 1').min(1, 'a whole number, at least 1');

/** What `LocalVolumes.open` takes. Checked before anything is read or made. */
export const localVolumesOptions = z.strictObject({
  /** Where the volumes live; made unless it is there. One process has it open at a time, and nobody else writes to it. */
  directory: path,
  /**
   * The hosts that have this directory under this path: this one, and those that share the file system. Each by the name of its manager, the
   * `host` of `createCompute`.
   */
  hosts: z.array(name, 'a list of host names').min(1, 'at least one host name'),
  sizeMibMax: count.default(16 * 1024 * 1024),
  /** How long qemu-img may take; it writes no more than the head of a disk. */
  commandTimeoutMs: z
    .int('whole milliseconds, at least 100')
    .min(100, 'whole milliseconds, at least 100')
    .default(30_000),
  log: z
    .custom<DriverLog>((value) => typeof (value as Partial<DriverLog> | undefined)?.warn === 'function', 'a logger')
    .optional(),
  clock: z
    .custom<Clock>((value) => typeof (value as Partial<Clock> | undefined)?.now === 'function', 'a clock')
    .optional(),
});

export type LocalVolumesOptions = z.input<typeof localVolumesOptions>;

/** What `LocalVolumes.createVolume` takes. */
export const volumeToCreate = z.strictObject({
  /** Left out: a new uuid. */
  id: folderId.optional(),
  name,
  projectId: name,
  sizeMib: count,
  format: z.enum(['qcow2', 'raw'], 'qcow2 or raw').default('raw'),
});

export type VolumeToCreate = z.input<typeof volumeToCreate>;

// Calls of the port may hand in values that say more than it asks for.
const holderFields = {
  instanceUuid: uuid,
  projectId: name,
  buildUuid: name.optional(),
  reservationId: name.optional(),
};

export const holderCall = z.object(holderFields);

export const connectionCall = z.object({
  ...holderFields,
  connector: z.object({ host: name }, 'what getVolumeConnector of a driver answers'),
});

export const extensionCall = z.object({ sizeMib: count });

export const snapshotCall = z.object({
  snapshotId: uuid,
  volumeId: z.string('the id of a volume'),
  instanceUuid: uuid,
});
