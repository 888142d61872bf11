import { StoragePoolCalls } from './storage-pool-calls.gen.js';

/** A place of the host for volumes: a directory, a volume group, an NFS export. The daemon goes by the `uuid` alone. */
export class StoragePool extends StoragePoolCalls {}
