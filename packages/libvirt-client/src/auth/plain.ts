import type { Credentials } from './credentials.js';
import { SaslError, type SaslMechanism } from './sasl-mechanism.js';

/** PLAIN, RFC 4616: the password itself. The daemon proves nothing, so only a channel that proves it will do. */
export function plain({ username, password }: Credentials): SaslMechanism {
  return {
    begin: () => Buffer.from(`\0${username}\0${password}`),
    respond() {
      throw new SaslError('it asked for more, which PLAIN has not');
    },
    isSatisfied: true,
  };
}
