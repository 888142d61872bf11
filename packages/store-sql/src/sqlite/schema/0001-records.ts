import type { SchemaStep } from './schema-step.js';

/**
 * The first tables. Every record is kept whole in `record`, as JSON; the other columns are what records are looked for by, and
 * `position` is their order. No foreign keys: a caller may record a fault of an instance that another store keeps.
 */
export const records: SchemaStep = {
  number: 1,
  name: 'records',
  sql: `
create table instances (
  uuid text not null primary key,
  project_id text not null,
  host text,
  vm_state text not null,
  task_state text,
  record text not null
) strict;
create index instances_by_host on instances (host, uuid) where vm_state <> 'deleted';
create index instances_by_project on instances (project_id, uuid) where vm_state <> 'deleted';
create index instances_by_vm_state on instances (vm_state, project_id, uuid);
create index instances_in_task on instances (host, uuid) where task_state is not null;

create table actions (
  position integer primary key,
  uuid text not null unique,
  instance_uuid text not null,
  project_id text not null,
  idempotency_key text,
  host text not null,
  state text not null,
  unfinished_rank integer,
  record text not null
) strict;
create index actions_by_instance on actions (instance_uuid, position);
create unique index actions_by_key on actions (project_id, idempotency_key) where idempotency_key is not null;
create index actions_unfinished on actions (host, unfinished_rank, position) where unfinished_rank is not null;
create unique index actions_running on actions (instance_uuid) where state = 'running';

create table events (
  action_uuid text not null,
  id text not null,
  position integer not null,
  record text not null,
  primary key (action_uuid, id)
) strict, without rowid;

create table faults (
  position integer primary key,
  uuid text not null unique,
  instance_uuid text not null,
  record text not null
) strict;
create index faults_by_instance on faults (instance_uuid, position);

create table migrations (
  position integer primary key,
  uuid text not null unique,
  instance_uuid text not null,
  source_host text not null,
  destination_host text not null,
  status text not null,
  record text not null
) strict;
create index migrations_by_instance on migrations (instance_uuid, position);
create index migrations_by_source on migrations (source_host, position);
create index migrations_by_destination on migrations (destination_host, position);
create index migrations_by_status on migrations (status, position);

create table notifications (
  sequence integer primary key,
  id text not null unique,
  instance_uuid text,
  instance_sequence integer,
  request_id text,
  record text not null
) strict;
create index notifications_by_instance on notifications (instance_uuid, sequence);
create index notifications_by_request on notifications (request_id, sequence);

create table sessions (
  host text not null primary key,
  record text not null
) strict;

create table console_tokens (
  token_hash text not null primary key,
  expires_at_ms integer not null,
  record text not null
) strict;
create index console_tokens_by_end on console_tokens (expires_at_ms);
`,
};
