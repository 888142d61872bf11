/** The peer sent bytes that are no libvirt protocol. Nothing that follows on the same connection can be trusted. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}
