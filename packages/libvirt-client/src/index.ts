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
export { Connection, type NodeInfo, type SubscribeOptions } from './connection.js';
export { Domain, type DomainInfo, type DomainStateAndReason } from './domain.js';
export { LibvirtClient, type LibvirtClientOptions } from './client/libvirt-client.js';
export type { ClientState, ReconnectOptions } from './client/reconnecting-connection.js';
export { RpcConnection } from './rpc/rpc-connection.js';
export type { ConnectionEnd, RpcConnectionOptions } from './rpc/rpc-connection-options.js';
export type { CallOptions } from './rpc/call-options.js';
export type { KeepaliveOptions } from './rpc/keepalive.js';
export { domainEvents, type DomainEvent, type DomainEventName } from './rpc/domain-events.js';
export type { EventDelivery } from './rpc/event-queue.js';
export { EventSubscription } from './rpc/event-subscription.js';
export { LibvirtStream } from './rpc/libvirt-stream.js';

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
export { parseLibvirtUri, type Access, type LibvirtAddress } from './transport/libvirt-uri.js';
export type { Dialer, Transport, TransportListener } from './transport/transport.js';
