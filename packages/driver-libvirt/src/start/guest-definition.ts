import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';
import { diskSource, type DefinedDisk } from '../domain-xml/defined-disks.js';
import { domainXml } from '../domain-xml/domain-xml.js';
import { rootDiskXml } from '../domain-xml/root-disk-xml.js';
import type { RunningCall } from '../driver-calls.js';
import { acceptedImage } from '../files/accepted-image.js';
import type { Guest } from '../guest/guest.js';
import { areOwnDisks, standingDisks } from './standing-disks.js';
import type { StartContext } from './start-context.js';

/**
 * The definition of an instance's guest on this host. Whether its files are there is left to libvirt to say, which opens
 * them; where they may be is not. `standing` is the guest that has a definition already: disks that another tool has changed
 * there are kept.
 * @throws ComputeError `IMAGE_UNACCEPTABLE`; `GUEST_START_FAILED` with the reason `changed disks` and effect `none`
 */
export async function guestDefinition(
  context: StartContext,
  instance: InstanceSpec,
  standing: Guest | undefined,
  call: RunningCall,
): Promise<string> {
  const { virtType, machine, emulator, vnc, imageDirectories } = context.configuration;
  const { disk, kernel, ramdisk } = await acceptedImage(instance.image, imageDirectories);
  const directory = context.directoryOf(instance.uuid);
  const hasRootDisk = disk !== undefined || instance.flavor.rootDiskGib > 0;
  const own = hasRootDisk ? [rootDiskXml(directory.rootDisk, instance.image)] : [];
  const disks = await (standing === undefined
    ? disksAnew(context, instance.uuid, own)
    : disksOf(context, standing, own, call));
  return domainXml(
    instance,
    { virtType, machine, emulator, vnc },
    { disks, consoleLog: directory.consoleLog, kernel, ramdisk },
  );
}

async function disksOf(
  { environment }: StartContext,
  guest: Guest,
  own: readonly DefinedDisk[],
  call: RunningCall,
): Promise<readonly DefinedDisk[]> {
  const standing = await standingDisks(guest, call);
  if (areOwnDisks(standing, own)) return own;
  const facts = { instanceUuid: guest.uuid, disks: standing.map(diskSource) };
  environment.log.warn(facts, 'guest disks kept as another tool has defined them');
  return standing;
}

/**
 * The disks of a guest that libvirt does not know. Its definition said which of the layers over the root disk is the latest;
 * with layers there and no definition, nobody can tell.
 */
async function disksAnew(
  context: StartContext,
  instanceUuid: string,
  own: readonly DefinedDisk[],
): Promise<readonly DefinedDisk[]> {
  const layers = await context.directoryOf(instanceUuid).foreignDisks();
  if (layers.length === 0) return own;
  const message =
    'libvirt has lost the definition, and another tool has put layers over the disk; define the guest or remove them';
  const operator = { message, layers };
  throw new ComputeError('GUEST_START_FAILED', { instanceUuid, reason: 'changed disks' }, { operator, effect: 'none' });
}
