import type { DriverCapabilities } from '@virtkit/core/driver';

/** What the simulated hypervisor can do. Whatever is left out is not simulated. */
export const fakeCapabilities = {
  power: true,
  pause: true,
  suspend: true,
  reboot: true,
  consoleOutput: true,
  hostResources: true,
  vncConsole: { unsupportedBecause: 'a simulated guest has no screen' },
  spiceConsole: { unsupportedBecause: 'a simulated guest has no screen' },
  mksConsole: { unsupportedBecause: 'a simulated guest has no screen' },
  adminPassword: { unsupportedBecause: 'a simulated guest has no guest agent' },
  quiesce: { unsupportedBecause: 'a simulated guest has no guest agent' },
} as const satisfies DriverCapabilities;
