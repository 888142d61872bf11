// What the machine must have.
export {
  installDebianPackages,
  missingDebianPackages,
  oracleDebianPackages,
  requiredDebianPackages,
  type InstallOptions,
} from './debian-packages.js';

// The guest.
export { buildGuestImage, type BuildGuestImageOptions, type GuestImage } from './guest/build-guest-image.js';
export { guestDomainXml, type GuestDomain } from './guest/guest-domain-xml.js';
export { readSerialLog, waitForLine, type WaitForLineOptions } from './serial-log.js';

// The hypervisor.
export {
  startPrivateLibvirtd,
  type PrivateLibvirtd,
  type PrivateLibvirtdOptions,
  type StartOptions,
} from './daemon/private-libvirtd.js';
export { boundAccounts, writeAccounts } from './daemon/bound-accounts.js';
export { createBridge, deleteBridge, type Bridge } from './bridge.js';
export { leftovers } from './leftovers.js';
