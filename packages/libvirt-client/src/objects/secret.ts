import { SecretCalls } from './secret-calls.gen.js';

/** Something secret, as a passphrase of a disk, that the daemon keeps. It is found by its `uuid` or by its usage. */
export class Secret extends SecretCalls {}
