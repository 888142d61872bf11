import type { HostResources } from '@virtkit/core/driver';

/** How large a simulated host is, and what it is called. */
export type HostSize = Pick<HostResources, 'vcpus' | 'memoryMib' | 'diskGib' | 'hypervisorHostname'>;
