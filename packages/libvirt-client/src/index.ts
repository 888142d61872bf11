/**
 * A client of libvirt's RPC protocol in pure TypeScript. API.md beside this folder has all of it on one page.
 *
 * Words: a **procedure** is a call the daemon answers; a **domain** is a guest as libvirt knows it; a call is **sent**
 * once it may have reached the daemon, whatever becomes of its answer; **resync** tells a taker of events that some may be
 * missing.
 *
 * @packageDocumentation
 */
// Connections, and what is called on them.
export {
  Connection,
  type DomainStats,
  type NodeCPUMap,
  type NodeInfo,
  type SubscribeOptions,
} from './connection/connection.js';
export type { Caller } from './objects/caller.js';
export type { Link } from './connection/link.js';
export type { ProcedureCaller } from './procedures/procedure-caller.js';
export { Domain, type DomainInfo, type DomainStateAndReason, type SecurityLabel } from './objects/domain.js';
export { DomainCheckpoint } from './objects/domain-checkpoint.js';
export { DomainSnapshot } from './objects/domain-snapshot.js';
export { Interface } from './objects/interface.js';
export { LibvirtObject } from './objects/libvirt-object.js';
export { Network } from './objects/network.js';
export { NetworkPort } from './objects/network-port.js';
export { NodeDevice } from './objects/node-device.js';
export { NwFilter } from './objects/nw-filter.js';
export { NwFilterBinding } from './objects/nw-filter-binding.js';
export { Secret } from './objects/secret.js';
export { StoragePool } from './objects/storage-pool.js';
export { StorageVolume, type VolumeStreamOptions } from './objects/storage-volume.js';
export { typed, type TypedArguments, type TypedValue, type TypedValues } from './wire/typed-values.js';
export { LibvirtClient } from './client/libvirt-client.js';
export type { LibvirtClientOptions } from './client/libvirt-client-options.js';
export type { ClientState, ReconnectOptions } from './client/reconnecting-link.js';
export { RpcConnection } from './connection/rpc-connection.js';
export type { ConnectionEnd, RpcConnectionOptions } from './rpc/rpc-connection-options.js';
export type { CallOptions } from './procedures/call-options.js';
export type { KeepaliveOptions } from './rpc/keepalive.js';
export { domainEvents, type DomainEvent, type DomainEventName } from './events/domain-events.js';
export type { EventSource } from './events/event-source.js';
export type { NetworkEvent, NetworkEventName } from './events/network-events.js';
export type { NodeDeviceEvent, NodeDeviceEventName } from './events/node-device-events.js';
export type { QemuMonitorEvent, QemuMonitorEventFilter } from './events/qemu-monitor-events.js';
export type { SecretEvent, SecretEventName } from './events/secret-events.js';
export type { StoragePoolEvent, StoragePoolEventName } from './events/storage-pool-events.js';
export type { EventDelivery } from './rpc/event-queue.js';
export { EventSubscription, type EventOptions } from './rpc/event-subscription.js';
export { LibvirtStream } from './rpc/libvirt-stream.js';
export { duplexOf, readableOf, writableOf } from './rpc/node-streams.js';
export type { StreamContent } from './rpc/stream-content.js';
export type { StreamHole } from './rpc/stream-hole.js';

// Guests that change hosts.
export { migrate, migrateToURI, type MigrateOptions, type MigrateToURIOptions } from './migration/migrate.js';
export {
  MigrationError,
  type MigrationFailure,
  type MigrationPhase,
  type MigrationSide,
  type MigrationUndoing,
} from './migration/migration-error.js';
export type { GuestPlace, Sighting } from './migration/guest-place.js';
export type { MigrationRequest } from './migration/migration-plan.js';
export { readJobStats, type JobStats } from './migration/job-stats.js';

// Who we are, where a daemon asks.
export type { Credentials, CredentialsRequest, CredentialsSource } from './auth/credentials.js';

// What goes wrong.
export { LibvirtError, type LibvirtErrorFacts } from './errors/libvirt-error.js';
export { LibvirtConnectionError, type ConnectionErrorReason } from './errors/libvirt-connection-error.js';
export { LibvirtAbortError, LibvirtQueueFullError, LibvirtTimeoutError } from './errors/call-errors.js';
export { LibvirtArgumentError } from './wire/libvirt-argument-error.js';
export { ProtocolError } from './wire/protocol-error.js';

// libvirt's protocol: every procedure, and the constants of the C API.
export * as procedures from './procedures/remote.gen.js';
export * as qemuProcedures from './procedures/qemu.gen.js';
export type * from './procedures/structs.gen.js';
export type { AnyProcedure, EventMessage, Procedure, ProcedureFacts, Program } from './procedures/procedure.js';
export type { TypedParameter } from './wire/typed-parameter-codec.js';
export * from './constants/error-codes.gen.js';
export * from './constants/enumerations.gen.js';

// For those who bring a transport of their own.
export { tcpDialer, unixDialer } from './transport/socket-dialer.js';
export { tlsDialer, type TlsDialerOptions } from './transport/tls-dialer.js';
export { sshDialer } from './transport/ssh-dialer.js';
export { dialerFor } from './transport/dialer-for.js';
export { parseLibvirtUri, type LibvirtAddress } from './transport/libvirt-uri.js';
export type { LocalUser } from './transport/local-user.js';
export type { Access, DaemonMode } from './transport/daemon-sockets.js';
export type { TransportName, UriParameters } from './transport/uri-parameters.js';
export type { Dialer, Protection, Transport, TransportListener } from './transport/transport.js';
