import { DomainCheckpointCalls } from './domain-checkpoint-calls.gen.js';

/** A point in time from which changes of a domain's disks are recorded, for incremental backups. */
export class DomainCheckpoint extends DomainCheckpointCalls {}
