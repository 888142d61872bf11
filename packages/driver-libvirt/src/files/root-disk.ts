import { chmod, rename } from 'node:fs/promises';
import { ComputeError, type CallOptions, type Flavor, type Image } from '@virtkit/core/driver';
import { CallFence } from '../call-fence.js';
import { CommandError } from '../errors/command-error.js';
import type { AcceptedImage } from './accepted-image.js';
import { foreignContent } from './foreign-content.js';
import type { InstanceDirectory } from './instance-directory.js';
import { createQcow2, readImageHead, type ImageHead } from './qemu-img.js';

const BYTES_PER_MIB = 1024 ** 2;
const MIB_PER_GIB = 1024;

/** What the guest writes is its tenant's; libvirt hands the file to QEMU's user when the guest starts. */
const DISK_MODE = 0o600;

export interface RootDiskPlan {
  readonly sizeBytes: number;
  readonly base?: { readonly path: string; readonly format: Image['diskFormat'] };
}

/**
 * Decides on the root disk of a new instance; changes nothing. `undefined`: it has none, because its image boots a kernel
 * and its flavor offers no disk.
 * @throws ComputeError `FLAVOR_TOO_SMALL`, `IMAGE_UNACCEPTABLE`
 */
export async function planRootDisk(
  image: Image,
  flavor: Flavor,
  accepted: AcceptedImage,
  { timeoutMs, signal }: CallOptions & { readonly timeoutMs: number },
): Promise<RootDiskPlan | undefined> {
  const offeredMib = flavor.rootDiskGib * MIB_PER_GIB;
  demand('memory', image.minMemoryMib, flavor.memoryMib);
  if (flavor.rootDiskGib > 0) demand('disk', image.minDiskGib * MIB_PER_GIB, offeredMib);
  if (accepted.disk === undefined) {
    return flavor.rootDiskGib === 0 ? undefined : { sizeBytes: offeredMib * BYTES_PER_MIB };
  }
  const base = { path: accepted.disk, format: image.diskFormat };
  if (base.format === 'raw') await refuseForeign(image, base.path);
  const head = await readImageHead(base.path, base.format, { timeoutMs, signal }).catch((failure: unknown) => {
    throw unreadable(image, failure);
  });
  refuseReferences(image, base.path, head);
  if (flavor.rootDiskGib === 0) return { sizeBytes: head.virtualSizeBytes, base };
  demand('disk', Math.ceil(head.virtualSizeBytes / BYTES_PER_MIB), offeredMib);
  return { sizeBytes: offeredMib * BYTES_PER_MIB, base };
}

/** Creates the disk. It appears under its name only when it is complete. */
export async function createRootDisk(
  directory: InstanceDirectory,
  { sizeBytes, base }: RootDiskPlan,
  { timeoutMs, signal }: CallOptions & { readonly timeoutMs: number },
): Promise<void> {
  await CallFence.pass();
  await createQcow2(directory.unfinishedRootDisk, sizeBytes, base, { timeoutMs, signal });
  await chmod(directory.unfinishedRootDisk, DISK_MODE);
  await CallFence.pass();
  await rename(directory.unfinishedRootDisk, directory.rootDisk);
}

function demand(resource: 'disk' | 'memory', requiredMib: number, offeredMib: number): void {
  if (offeredMib < requiredMib) throw new ComputeError('FLAVOR_TOO_SMALL', { resource, requiredMib, offeredMib });
}

/** Every file can be read as a raw disk: what it is instead, its content has to tell. */
async function refuseForeign(image: Image, path: string): Promise<void> {
  const reason = await foreignContent(path);
  if (reason === undefined) return;
  const operator = { message: 'the image is said to be raw, and its content says that it is no disk', path };
  throw new ComputeError('IMAGE_UNACCEPTABLE', { imageId: image.id, reason }, { operator });
}

/** qemu-img could not read the image as what it is recorded to be. */
function unreadable(image: Image, failure: unknown): unknown {
  if (!(failure instanceof CommandError) || failure.problem === 'aborted' || failure.problem === 'missing')
    return failure;
  const reason = /not in \w+ format/u.test(failure.stderr) ? 'format' : 'damaged';
  const operator = { message: failure.message, stderr: failure.stderr };
  return new ComputeError('IMAGE_UNACCEPTABLE', { imageId: image.id, reason }, { cause: failure, operator });
}

/** A base that names other files would let whoever made the image read those of the host. */
function refuseReferences(image: Image, path: string, head: ImageHead): void {
  if (!head.refersToOtherFiles) return;
  const operator = { message: 'the image has a backing or a data file', path };
  throw new ComputeError('IMAGE_UNACCEPTABLE', { imageId: image.id, reason: 'format' }, { operator });
}
