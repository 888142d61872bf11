export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What is asked for, so that one function can serve several daemons. */
export interface CredentialsRequest {
  /** What the daemon is told to open, as `qemu:///system`. */
  readonly name: string;
  /** Where it is, as far as the URI says so. */
  readonly host: string | undefined;
  /** The user the URI names. */
  readonly username: string | undefined;
  /** How the password will be used, as `SCRAM-SHA-256`. */
  readonly mechanism: string;
}

/**
 * Gives the name and password to log in with. A function and not a value: it is asked when a daemon wants them, anew for
 * every connection, and options that are printed show no secret. What it throws is what opening rejects with.
 */
export type CredentialsSource = (request: CredentialsRequest) => Credentials | Promise<Credentials>;
