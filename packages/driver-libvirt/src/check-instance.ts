import { ComputeError, type InstanceSpec, type NetworkInterface } from '@virtkit/core/driver';
import type { LibvirtConfiguration } from './libvirt-configuration.js';
import { instanceUuid } from './instance-uuid.js';

/** Becomes part of a device's alias, of which libvirt allows these characters. */
const interfaceId = /^[A-Za-z0-9_-]{1,64}$/u;
const macAddress = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/u;
/** What Linux accepts as a device's name, and a little less. */
const bridgeName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/u;

/**
 * Refuses a spec that no domain can be made of, before anything has changed.
 * @throws ComputeError `INVALID_INPUT`, `NOT_SUPPORTED`
 */
export function checkInstance(
  instance: InstanceSpec,
  { userNetworks }: Pick<LibvirtConfiguration, 'userNetworks'>,
): void {
  const { flavor, networkInterfaces, blockDevices } = instance;
  instanceUuid(instance.uuid);
  demand(isCount(flavor.vcpus), 'flavor.vcpus', flavor.vcpus, 'a whole number, at least 1');
  demand(isCount(flavor.memoryMib), 'flavor.memoryMib', flavor.memoryMib, 'a whole number, at least 1');
  const disk = flavor.rootDiskGib;
  demand(disk === 0 || isCount(disk), 'flavor.rootDiskGib', disk, 'a whole number, at least 0');
  networkInterfaces.forEach(checkInterface);
  if (userNetworks === 'refused' && networkInterfaces.some(({ type }) => type === 'user')) {
    throw new ComputeError('NOT_SUPPORTED', {
      capability: 'user-mode networks',
      reason: 'this host does not let guests reach its own network',
    });
  }
  if (blockDevices.length > 0) {
    throw new ComputeError('NOT_SUPPORTED', {
      capability: 'volumes',
      reason: 'this driver has only the root disk yet',
    });
  }
}

function checkInterface(vif: NetworkInterface, index: number): void {
  const field = (name: string) => `networkInterfaces[${index}].${name}`;
  demand(interfaceId.test(vif.id), field('id'), vif.id, 'up to 64 letters, digits, - and _');
  demand(
    macAddress.test(vif.macAddress),
    field('macAddress'),
    vif.macAddress,
    'six lower-case hex bytes between colons',
  );
  const mtu = vif.mtuBytes;
  demand(mtu === undefined || isCount(mtu), field('mtuBytes'), mtu ?? '', 'a whole number, at least 1');
  if (vif.type === 'bridge') demand(bridgeName.test(vif.bridge), field('bridge'), vif.bridge, 'the name of a bridge');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

function demand(isFine: boolean, field: string, value: string | number, accepted: string): void {
  if (!isFine) throw new ComputeError('INVALID_INPUT', { field, value: String(value), accepted });
}
