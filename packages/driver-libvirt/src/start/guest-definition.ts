import type { InstanceSpec } from '@virtkit/core/driver';
import { domainXml } from '../domain-xml/domain-xml.js';
import { acceptedImage } from '../files/accepted-image.js';
import type { StartContext } from './start-context.js';

/**
 * The definition of an instance's guest on this host. Whether its files are there is left to libvirt to say, which opens
 * them; where they may be is not.
 * @throws ComputeError `IMAGE_UNACCEPTABLE`
 */
export async function guestDefinition(context: StartContext, instance: InstanceSpec): Promise<string> {
  const { virtType, machine, emulator, vnc, imageDirectories } = context.configuration;
  const { disk, kernel, ramdisk } = await acceptedImage(instance.image, imageDirectories);
  const directory = context.directoryOf(instance.uuid);
  const hasRootDisk = disk !== undefined || instance.flavor.rootDiskGib > 0;
  return domainXml(
    instance,
    { virtType, machine, emulator, vncListenAddress: vnc?.listenAddress },
    { rootDisk: hasRootDisk ? directory.rootDisk : undefined, consoleLog: directory.consoleLog, kernel, ramdisk },
  );
}
