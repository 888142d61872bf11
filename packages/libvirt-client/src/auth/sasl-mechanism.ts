/**
 * The client's side of one SASL login. `null` is no data, which the protocol tells from data of length 0.
 *
 * Nothing here touches a connection: what the daemon says comes in, what it shall be told goes out.
 */
export interface SaslMechanism {
  /** What goes out with the name of the mechanism. */
  begin(): Uint8Array | null;
  /**
   * The answer to what the daemon said.
   * @throws SaslError when that cannot be right
   */
  respond(challenge: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>;
  /** Whether the daemon has shown all it has to. Until then its word that the login is complete is not taken. */
  readonly isSatisfied: boolean;
}

/** The daemon does not follow the rules of a mechanism, or is not the one that knows the password. */
export class SaslError extends Error {
  override readonly name = 'SaslError';
}
