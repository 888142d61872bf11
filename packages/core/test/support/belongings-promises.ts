import { describedInterfaceId } from './fake-compute.js';
import { volumeIds, type ProvidedCompute } from './memory-providers.js';

/**
 * Where the record of an instance, its providers and its guest disagree of what it has, a sentence each. Empty is good: nothing has leaked, and
 * nothing is claimed that is not so.
 */
export async function brokenBelongings(
  { store, hypervisor, networks, volumes }: Pick<ProvidedCompute, 'store' | 'hypervisor' | 'networks' | 'volumes'>,
  uuid: string,
): Promise<readonly string[]> {
  const instance = await store.getInstance(uuid);
  const isGone = instance.vmState === 'deleted';
  const { devices } = hypervisor.look(uuid);
  const broken: string[] = [];
  const same = (what: string, found: readonly string[], wanted: readonly string[]): void => {
    const [one, other] = [[...found].sort(), [...wanted].sort()];
    if (one.join() !== other.join())
      broken.push(`${what} has ${one.join() || 'none'}, the record ${other.join() || 'none'}`);
  };
  const recordedVolumes = isGone ? [] : instance.blockDevices.map(({ id }) => id);
  const recordedInterfaces = isGone ? [] : instance.networkInterfaces.map(({ id }) => id);
  same(
    'the volume provider',
    volumeIds.filter((id) => volumes.attachmentOf(id) !== null),
    recordedVolumes,
  );
  const provided = recordedInterfaces.filter((id) => id !== describedInterfaceId);
  same('the network provider', networks.idsOf(uuid), provided);
  if (devices) {
    same(
      'the guest',
      devices.blockDevices.map(({ id }) => id),
      recordedVolumes,
    );
    same(
      'the guest',
      devices.interfaces.map(({ id }) => id),
      recordedInterfaces,
    );
    for (const { id, source } of instance.blockDevices) {
      const written = devices.blockDevices.find((device) => device.id === id)?.source.path;
      if (source?.path !== written) broken.push(`the guest writes to ${written}, the record says ${source?.path}`);
      if (volumes.attachmentOf(id)?.hosts.length !== 1)
        broken.push(`volume ${id} is not connected to its guest's host`);
    }
  }
  return broken;
}
