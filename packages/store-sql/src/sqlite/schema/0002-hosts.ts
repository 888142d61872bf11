import type { SchemaStep } from './schema-step.js';

/** What is kept of a host itself, beside its sessions, such as whether it takes new instances. */
export const hosts: SchemaStep = {
  number: 2,
  name: 'hosts',
  sql: `
create table hosts (
  host text not null primary key,
  record text not null
) strict;
`,
};
