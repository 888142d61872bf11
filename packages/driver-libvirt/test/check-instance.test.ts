import type { InstanceSpec } from '@virtkit/core/driver';
import { describe, expect, it } from 'vitest';
import { checkInstance } from '../src/check-instance.js';
import { instanceSpec } from './support/instance-spec.js';

const { flavor } = instanceSpec();
const open = { userNetworks: 'allowed' } as const;
const bridge = {
  type: 'bridge',
  id: 'port-1',
  macAddress: '52:54:00:00:00:01',
  status: 'active',
  bridge: 'br0',
} as const;

describe('an instance of which no domain can be made', () => {
  it.each<[field: string, overrides: Partial<InstanceSpec>]>([
    ['uuid', { uuid: 'web-1' }],
    ['flavor.vcpus', { flavor: { ...flavor, vcpus: 0 } }],
    ['flavor.memoryMib', { flavor: { ...flavor, memoryMib: 1.5 } }],
    ['flavor.rootDiskGib', { flavor: { ...flavor, rootDiskGib: -1 } }],
    ['networkInterfaces[0].id', { networkInterfaces: [{ ...bridge, id: `x'/><y` }] }],
    ['networkInterfaces[0].macAddress', { networkInterfaces: [{ ...bridge, macAddress: '52-54' }] }],
    ['networkInterfaces[0].bridge', { networkInterfaces: [{ ...bridge, bridge: '../br0' }] }],
    ['networkInterfaces[0].mtuBytes', { networkInterfaces: [{ ...bridge, mtuBytes: 0 }] }],
  ])('is refused by the name of the field %s', (field, overrides) => {
    expect(() => checkInstance(instanceSpec(overrides), open)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', effect: 'none', details: expect.objectContaining({ field }) }),
    );
  });

  it('is refused when it has volumes', () => {
    const volume = {
      id: 'v',
      bus: 'virtio',
      device: 'disk',
      source: { type: 'host-device', path: '/dev/sdb' },
    } as const;
    expect(() => checkInstance(instanceSpec({ blockDevices: [volume] }), open)).toThrow(
      /volumes is not supported here/u,
    );
  });

  it('is not refused otherwise', () => {
    expect(() => checkInstance(instanceSpec({ networkInterfaces: [bridge] }), open)).not.toThrow();
  });
});

describe('an interface on a user-mode network', () => {
  const user = { type: 'user', id: 'port-1', macAddress: '52:54:00:00:00:01', status: 'active' } as const;

  it.each([[[user]], [[bridge, { ...user, id: 'port-2' }]]])(
    'is refused where the operator has closed them, before anything has changed',
    (networkInterfaces) => {
      const instance = instanceSpec({ networkInterfaces });
      const refused = () => checkInstance(instance, { userNetworks: 'refused' });
      expect(refused).toThrow('user-mode networks is not supported here');
      checkInstance(instance, open);
    },
  );

  it('is the only kind that is refused there', () => {
    checkInstance(instanceSpec({ networkInterfaces: [bridge] }), { userNetworks: 'refused' });
  });
});
