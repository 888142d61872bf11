import { libvirtConfiguration, type LibvirtConfiguration } from '@virtkit/driver-libvirt';
import type { z } from 'zod';

/** A configuration with what has no default, for tests that connect to nothing. */
export function configuration(overrides: Partial<z.input<typeof libvirtConfiguration>> = {}): LibvirtConfiguration {
  return libvirtConfiguration.parse({
    stateDirectory: '/state',
    imageDirectories: ['/images'],
    virtType: 'qemu',
    ...overrides,
  });
}
