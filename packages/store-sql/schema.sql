CREATE TABLE actions (
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

CREATE INDEX actions_by_instance on actions (instance_uuid, position);

CREATE UNIQUE INDEX actions_by_key on actions (project_id, idempotency_key) where idempotency_key is not null;

CREATE UNIQUE INDEX actions_running on actions (instance_uuid) where state = 'running';

CREATE INDEX actions_unfinished on actions (host, unfinished_rank, position) where unfinished_rank is not null;

CREATE TABLE console_tokens (
  token_hash text not null primary key,
  expires_at_ms integer not null,
  record text not null
) strict;

CREATE INDEX console_tokens_by_end on console_tokens (expires_at_ms);

CREATE TABLE events (
  action_uuid text not null,
  id text not null,
  position integer not null,
  record text not null,
  primary key (action_uuid, id)
) strict, without rowid;

CREATE TABLE faults (
  position integer primary key,
  uuid text not null unique,
  instance_uuid text not null,
  record text not null
) strict;

CREATE INDEX faults_by_instance on faults (instance_uuid, position);

CREATE TABLE hosts (
  host text not null primary key,
  record text not null
) strict;

CREATE TABLE instances (
  uuid text not null primary key,
  project_id text not null,
  host text,
  vm_state text not null,
  task_state text,
  record text not null
, pending_releases integer) strict;

CREATE INDEX instances_by_host on instances (host, uuid) where vm_state <> 'deleted';

CREATE INDEX instances_by_project on instances (project_id, uuid) where vm_state <> 'deleted';

CREATE INDEX instances_by_vm_state on instances (vm_state, project_id, uuid);

CREATE INDEX instances_in_task on instances (host, uuid) where task_state is not null;

CREATE INDEX instances_pending_release on instances (host, uuid) where pending_releases is not null;

CREATE TABLE migrations (
  position integer primary key,
  uuid text not null unique,
  instance_uuid text not null,
  source_host text not null,
  destination_host text not null,
  status text not null,
  record text not null
) strict;

CREATE INDEX migrations_by_destination on migrations (destination_host, position);

CREATE INDEX migrations_by_instance on migrations (instance_uuid, position);

CREATE INDEX migrations_by_source on migrations (source_host, position);

CREATE INDEX migrations_by_status on migrations (status, position);

CREATE TABLE notifications (
  sequence integer primary key,
  id text not null unique,
  instance_uuid text,
  instance_sequence integer,
  request_id text,
  record text not null
) strict;

CREATE INDEX notifications_by_instance on notifications (instance_uuid, sequence);

CREATE INDEX notifications_by_request on notifications (request_id, sequence);

CREATE TABLE schema_steps (number integer primary key, name text not null, checksum text not null) strict;

CREATE TABLE sessions (
  host text not null primary key,
  record text not null
) strict;
