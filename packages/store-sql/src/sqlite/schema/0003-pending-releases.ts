import type { SchemaStep } from './schema-step.js';

/** Instances that still have something to give back, deleted ones too, are found without reading the others. */
export const pendingReleases: SchemaStep = {
  number: 3,
  name: 'pending releases',
  sql: `
alter table instances add column pending_releases integer;
create index instances_pending_release on instances (host, uuid) where pending_releases is not null;
`,
};
