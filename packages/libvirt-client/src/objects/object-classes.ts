import { Domain } from './domain.js';
import { DomainCheckpoint } from './domain-checkpoint.js';
import { DomainSnapshot } from './domain-snapshot.js';
import { NetworkPort } from './network-port.js';
import { StoragePool } from './storage-pool.js';
import { StorageVolume } from './storage-volume.js';

/** The classes that objects answer with. A connection hands them out, so that no class has to load another. */
export const objectClasses = {
  Domain,
  DomainCheckpoint,
  DomainSnapshot,
  NetworkPort,
  StoragePool,
  StorageVolume,
} as const;

export type ObjectClasses = typeof objectClasses;
