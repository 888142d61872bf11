import type { DriverEnvironment } from '@virtkit/core/driver';
import type { InstanceDirectory } from '../files/instance-directory.js';
import type { Host } from '../host/host.js';
import type { LibvirtConfiguration } from '../libvirt-configuration.js';

/** What a start needs beside the instance. */
export interface StartContext {
  readonly host: Host;
  readonly configuration: LibvirtConfiguration;
  readonly environment: DriverEnvironment;
  directoryOf(instanceUuid: string): InstanceDirectory;
}
