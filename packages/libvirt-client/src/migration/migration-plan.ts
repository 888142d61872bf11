import { DomainMigrateFlags } from '../constants/enumerations.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import type { TypedParameter } from '../wire/typed-parameter-codec.js';
import type { JobStats } from './job-stats.js';
import type { Parameters } from './migration-ends.js';

/** What both ways to migrate have in common, checked and in libvirt's terms. */
export interface MigrationPlan {
  readonly domain: RemoteDomain;
  readonly destinationName: string;
  readonly flags: number;
  readonly params: Parameters;
  /** The caller's wish to end it, the time limit included. */
  readonly signal: AbortSignal;
  /** How long an answer is waited for after the migration was aborted. */
  readonly stepTimeoutMs: number;
  /** How long both ends are looked at until what they say is final. */
  readonly settleTimeoutMs: number;
  /** The pause between two looks, and between two attempts to abort. */
  readonly pollIntervalMs: number;
  readonly progressIntervalMs: number;
  readonly onProgress?: ProgressListener;
}

/** Must not throw. */
export type ProgressListener = (stats: JobStats) => void;

/** What is migrated and how. All of it is optional. */
export interface MigrationRequest {
  /** A sum of DomainMigrateFlags. Default: VIR_MIGRATE_LIVE. */
  readonly flags?: number;
  /** The domain's name at the destination. Default: the one it has. */
  readonly destinationName?: string;
  /** How much of the network the migration may use. Default: libvirt's, which is no limit that matters. */
  readonly bandwidthMibPerSecond?: number;
  /** The domain XML to run at the destination; what the guest can see of it must be what it sees now. */
  readonly destinationXml?: string;
  /** The definition to keep at the destination, with VIR_MIGRATE_PERSIST_DEST. Default: that of the source. */
  readonly persistentXml?: string;
  /** The target names (`vda`) of the disks to copy, with VIR_MIGRATE_NON_SHARED_DISK or _INC. */
  readonly migrateDisks?: readonly string[];
  /** Where the source's QEMU sends the memory, as `tcp://host`. Default: the destination's host name, by its daemon. */
  readonly migrateUri?: string;
  /** How many connections carry the memory, with VIR_MIGRATE_PARALLEL. */
  readonly parallelConnections?: number;
  /** Further `VIR_MIGRATE_PARAM_*`. */
  readonly parameters?: readonly TypedParameter[];
}

const { VIR_MIGRATE_NON_SHARED_DISK, VIR_MIGRATE_NON_SHARED_INC } = DomainMigrateFlags;
const copiesDisks = VIR_MIGRATE_NON_SHARED_DISK | VIR_MIGRATE_NON_SHARED_INC;

/** @throws RangeError when the request contradicts itself; nothing has happened */
export function migrationParameters(request: MigrationRequest): Parameters {
  const { bandwidthMibPerSecond: bandwidth, parallelConnections: connections, migrateDisks } = request;
  if (bandwidth !== undefined && !(Number.isSafeInteger(bandwidth) && bandwidth >= 0)) {
    throw new RangeError(`bandwidthMibPerSecond must be an integer of at least 0, but is ${bandwidth}`);
  }
  if (connections !== undefined && !(Number.isInteger(connections) && connections >= 1)) {
    throw new RangeError(`parallelConnections must be an integer of at least 1, but is ${connections}`);
  }
  if (migrateDisks?.length === 0 && ((request.flags ?? 0) & copiesDisks) !== 0) {
    // libvirt takes "none" for "all that can be written", shared volumes included.
    throw new RangeError(
      'migrateDisks is empty, which libvirt takes for all disks: leave out VIR_MIGRATE_NON_SHARED_*',
    );
  }
  return [
    ...strings('migrate_uri', request.migrateUri),
    ...strings('destination_name', request.destinationName),
    ...strings('destination_xml', request.destinationXml),
    ...strings('persistent_xml', request.persistentXml),
    ...(bandwidth === undefined
      ? []
      : [{ field: 'bandwidth', type: 'ullong', value: BigInt(bandwidth) } as const satisfies TypedParameter]),
    ...(connections === undefined
      ? []
      : [{ field: 'parallel.connections', type: 'int', value: connections } as const satisfies TypedParameter]),
    ...strings('migrate_disks', ...(migrateDisks ?? [])),
    ...(request.parameters ?? []),
  ];
}

/** @throws RangeError when flags exclude each other */
export function checkMigrationFlags(flags: number): void {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(VIR_MIGRATE_NON_SHARED_DISK) && has(VIR_MIGRATE_NON_SHARED_INC)) {
    throw new RangeError('flags: VIR_MIGRATE_NON_SHARED_DISK and VIR_MIGRATE_NON_SHARED_INC exclude each other');
  }
  if (has(DomainMigrateFlags.VIR_MIGRATE_TUNNELLED) && has(DomainMigrateFlags.VIR_MIGRATE_PARALLEL)) {
    throw new RangeError('flags: VIR_MIGRATE_TUNNELLED and VIR_MIGRATE_PARALLEL exclude each other');
  }
  if (has(DomainMigrateFlags.VIR_MIGRATE_POSTCOPY_RESUME)) {
    throw new RangeError('flags: VIR_MIGRATE_POSTCOPY_RESUME is not supported by this client');
  }
}

/** The parameters with one more, which takes the place of any of its name. */
export function withParameter(params: Parameters, field: string, value: string): Parameters {
  return [...params.filter((parameter) => parameter.field !== field), { field, type: 'string', value }];
}

function strings(field: string, ...values: readonly (string | undefined)[]): TypedParameter[] {
  return values.flatMap((value) => (value === undefined ? [] : [{ field, type: 'string', value } as const]));
}
