import { DomainSnapshotCalls } from './domain-snapshot-calls.gen.js';

/** A state of a domain, or of its disks, to go back to. It is named by its domain and its own name. */
export class DomainSnapshot extends DomainSnapshotCalls {}
