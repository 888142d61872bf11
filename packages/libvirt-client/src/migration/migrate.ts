import { DomainMigrateFlags } from '../constants/enumerations.gen.js';
import * as remote from '../procedures/remote.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import { requirePositive, type RpcConnectionOptions } from '../rpc/rpc-connection-options.js';
import { RpcLink } from '../rpc/rpc-link.js';
import { DestinationConnection } from './destination-connection.js';
import type { EndOptions } from './end-connection.js';
import { ManagedMigration } from './managed-migration.js';
import type { MigrationEnd } from './migration-ends.js';
import { MigrationError, type MigrationSide } from './migration-error.js';
import {
  checkMigrationFlags,
  migrationParameters,
  type MigrationPlan,
  type MigrationRequest,
  type ProgressListener,
} from './migration-plan.js';
import { Onlooker } from './onlooker.js';
import { PeerToPeerMigration } from './peer-to-peer-migration.js';
import { SourceConnection } from './source-connection.js';

interface CommonOptions extends MigrationRequest {
  /** How to reach the daemon that has the guest. The migration opens connections of its own. */
  readonly source: RpcConnectionOptions;
  /** Told how far the migration is while the memory is sent. What it throws aborts the migration. */
  readonly onProgress?: ProgressListener;
  /** Default 500. */
  readonly progressIntervalMs?: number;
  /** How long all may take until the guest's memory has moved; then it is aborted as by `signal`. Default: no limit. */
  readonly timeoutMs?: number;
  /** How long each step but the sending of the memory may take; and the latter, once it was aborted. Default 120,000. */
  readonly stepTimeoutMs?: number;
  /** After a failure: how long both ends are looked at until they decide where the guest is. Default 10,000. */
  readonly settleTimeoutMs?: number;
  /**
   * Aborts the migration: what has been done is undone, and then it rejects. Once the memory has moved it is too late,
   * the migration goes on to its end. In post-copy it is too late from the switch on.
   */
  readonly signal?: AbortSignal;
}

export interface MigrateOptions extends CommonOptions {
  /** How to reach the daemon that is to have the guest. */
  readonly destination: RpcConnectionOptions;
}

export interface MigrateToURIOptions extends CommonOptions {
  /** How this client reaches the destination, to look there after a failure. Without it that is left unseen. */
  readonly destination?: RpcConnectionOptions;
}

const { VIR_MIGRATE_LIVE, VIR_MIGRATE_OFFLINE, VIR_MIGRATE_PEER2PEER, VIR_MIGRATE_TUNNELLED } = DomainMigrateFlags;
const POLL_INTERVAL_MS = 100;

/** Numbers of libvirt's internal features, as CONNECT_SUPPORTS_FEATURE takes them. */
const FEATURE_MIGRATION_OFFLINE = 12;
const FEATURE_MIGRATION_PARAMS = 13;

/**
 * Migrates a guest from one daemon to another, led by this client (virDomainMigrate3): the daemons need not reach each
 * other, only their QEMUs must.
 *
 * Resolves with the domain at the destination when the guest is there and nothing of it is left to do at the source; its
 * `id` is −1 when only a look has shown that it runs. Rejects with a `MigrationError`, which says where the guest is; and
 * before anything was sent with a `RangeError` when the options contradict themselves.
 *
 * A paused guest arrives paused. With VIR_MIGRATE_OFFLINE only the definition goes.
 */
export async function migrate(domain: RemoteDomain, options: MigrateOptions): Promise<RemoteDomain> {
  const flags = options.flags ?? VIR_MIGRATE_LIVE;
  if ((flags & (VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_TUNNELLED)) !== 0) {
    throw new RangeError('flags: VIR_MIGRATE_PEER2PEER and VIR_MIGRATE_TUNNELLED are for migrateToURI');
  }
  const plan = makePlan(domain, flags, options);
  const features = [FEATURE_MIGRATION_PARAMS, ...(flags & VIR_MIGRATE_OFFLINE ? [FEATURE_MIGRATION_OFFLINE] : [])];
  await using source = new SourceConnection(
    await connect(plan, 'source', options.source, features),
    endOptions(plan, options.source),
  );
  await using destination = new DestinationConnection(
    await connect(plan, 'destination', options.destination, features),
    endOptions(plan, options.destination),
  );
  return await new ManagedMigration(source, destination, plan).run();
}

/**
 * Migrates a guest, led by the source's daemon (virDomainMigrateToURI3 with VIR_MIGRATE_PEER2PEER): it connects to the
 * daemon at `destinationUri`, a URI as the source's host understands it. This client may go away meanwhile.
 *
 * Resolves when the guest is at the destination. Rejects as `migrate` does; who gives `options.destination` learns more
 * often where the guest is.
 */
export async function migrateToURI(
  domain: RemoteDomain,
  destinationUri: string,
  options: MigrateToURIOptions,
): Promise<void> {
  const plan = makePlan(domain, options.flags ?? VIR_MIGRATE_LIVE, options);
  if (!/^[a-z][a-z0-9+]*:\/\/[^/]*\//i.test(destinationUri)) {
    throw new RangeError(
      `destinationUri must be like qemu+tls://host/system, but is ${JSON.stringify(destinationUri)}`,
    );
  }
  await using source = new SourceConnection(
    await connect(plan, 'source', options.source, [FEATURE_MIGRATION_PARAMS]),
    endOptions(plan, options.source),
  );
  await using destination = onlookerAt(plan, options.destination);
  await new PeerToPeerMigration(source, destination, plan).run(destinationUri);
}

function makePlan(domain: RemoteDomain, flags: number, options: CommonOptions): MigrationPlan {
  checkMigrationFlags(flags);
  const { timeoutMs, signal, onProgress, destinationName = domain.name } = options;
  const failing = new AbortController();
  const signals = [failing.signal, ...(signal === undefined ? [] : [signal])];
  const timeouts = timeoutMs === undefined ? [] : [AbortSignal.timeout(requirePositive('timeoutMs', timeoutMs))];
  return {
    ...{ domain, flags, destinationName, params: migrationParameters({ ...options, flags }) },
    signal: AbortSignal.any([...signals, ...timeouts]),
    stepTimeoutMs: requirePositive('stepTimeoutMs', options.stepTimeoutMs ?? 120_000),
    settleTimeoutMs: requirePositive('settleTimeoutMs', options.settleTimeoutMs ?? 10_000),
    pollIntervalMs: POLL_INTERVAL_MS,
    progressIntervalMs: requirePositive('progressIntervalMs', options.progressIntervalMs ?? 500),
    ...(onProgress && { onProgress: abortingWhenItThrows(onProgress, failing) }),
  };
}

function abortingWhenItThrows(onProgress: ProgressListener, failing: AbortController): ProgressListener {
  return (stats) => {
    try {
      onProgress(stats);
    } catch (error) {
      failing.abort(error);
    }
  };
}

async function connect(
  plan: MigrationPlan,
  side: MigrationSide,
  options: RpcConnectionOptions,
  features: readonly number[],
): Promise<RpcLink> {
  let connection: RpcLink | undefined;
  try {
    connection = await RpcLink.open({ ...options, signal: plan.signal });
    for (const feature of features) await requireFeature(connection, feature, plan);
    return connection;
  } catch (cause) {
    await connection?.close();
    const how = plan.signal.aborted ? 'aborted' : 'not sent';
    // Nothing has been asked of anybody yet.
    const unseen = { kind: 'unseen', error: cause } as const;
    const places = { guest: 'source', source: unseen, destination: unseen } as const;
    const domainName = plan.domain.name;
    throw new MigrationError({ domainName, phase: 'connect', side, how, cause, undone: [], ...places });
  }
}

async function requireFeature(connection: RpcLink, feature: number, plan: MigrationPlan): Promise<void> {
  const options = { timeoutMs: plan.stepTimeoutMs, signal: plan.signal };
  const { supported } = await connection.call(remote.connectSupportsFeature, { feature }, options);
  if (supported === 0) throw new Error(`its daemon does not support what this migration needs (feature ${feature})`);
}

/** Peer-to-peer nothing is asked of the destination but where the guest is. */
function onlookerAt(
  plan: MigrationPlan,
  connection: RpcConnectionOptions | undefined,
): Pick<MigrationEnd, 'look'> & AsyncDisposable {
  if (connection !== undefined) return new Onlooker({ ...plan, connection });
  const error = new Error('nobody has said how to reach the destination from here');
  return {
    look: () => Promise.resolve({ kind: 'unseen', error }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function endOptions(plan: MigrationPlan, connection: RpcConnectionOptions): EndOptions {
  const { domain, stepTimeoutMs, settleTimeoutMs } = plan;
  return { domain, stepTimeoutMs, settleTimeoutMs, connection };
}
