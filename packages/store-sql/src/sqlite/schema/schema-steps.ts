import { records } from './0001-records.js';
import { hosts } from './0002-hosts.js';
import { pendingReleases } from './0003-pending-releases.js';
import type { SchemaStep } from './schema-step.js';

/** Every step there is, in order. A new one is added at the end, in a file of its own, and `schema.sql` shows what comes of them. */
export const schemaSteps: readonly SchemaStep[] = [records, hosts, pendingReleases];
