import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Credentials } from './credentials.js';
import { SaslError, type SaslMechanism } from './sasl-mechanism.js';

const derive = promisify(pbkdf2);

/** No channel binding: neither Node.js nor the daemon offers it here. */
const GS2_HEADER = 'n,,';
const NONCE_BYTES = 24;
/** Fewer would help whoever plays the daemon to guess the password from our proof; RFC 5802 sets this minimum. */
const ITERATIONS_MIN = 4_096;
/** More would only keep this process busy; it is a second or so of one core. */
const ITERATIONS_MAX = 2_000_000;

export type ScramHash = 'sha1' | 'sha256';

/**
 * SCRAM, RFC 5802 and 7677. The password never leaves this process, and the daemon has to show that it knows it too.
 *
 * Names and passwords are taken as UTF-8 and not otherwise prepared, as Cyrus SASL, which the daemon uses, does not
 * prepare them either.
 */
export class Scram implements SaslMechanism {
  readonly #hash: ScramHash;
  readonly #password: string;
  readonly #nonce: string;
  readonly #firstBare: string;
  #expectedSignature: Buffer | undefined;
  #isSatisfied = false;

  /** `nonce` is for tests that compare with published exchanges. */
  constructor(
    hash: ScramHash,
    { username, password }: Credentials,
    nonce = randomBytes(NONCE_BYTES).toString('base64'),
  ) {
    this.#hash = hash;
    this.#password = password;
    this.#nonce = nonce;
    this.#firstBare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  }

  get isSatisfied(): boolean {
    return this.#isSatisfied;
  }

  begin(): Buffer {
    return Buffer.from(GS2_HEADER + this.#firstBare);
  }

  async respond(challenge: Uint8Array): Promise<Buffer | null> {
    const text = Buffer.from(challenge).toString('utf8');
    if (this.#isSatisfied) throw new SaslError('it asked for more after the end of SCRAM');
    if (this.#expectedSignature === undefined) return this.#prove(text);
    this.#verify(text, this.#expectedSignature);
    return null;
  }

  async #prove(serverFirst: string): Promise<Buffer> {
    const [, nonce = '', salt = '', count = ''] =
      /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=(\d{1,9})(?:,|$)/.exec(serverFirst) ??
      refuse('its first message is none of SCRAM');
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) refuse('it did not add to our nonce');
    const iterations = Number(count);
    if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
      refuse(`it wants ${iterations} iterations; accepted are ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`);
    }
    const length = createHash(this.#hash).digest().length;
    const salted = await derive(this.#password, Buffer.from(salt, 'base64'), iterations, length, this.#hash);
    const clientKey = this.#hmac(salted, 'Client Key');
    const storedKey = createHash(this.#hash).update(clientKey).digest();
    const withoutProof = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${nonce}`;
    const exchange = `${this.#firstBare},${serverFirst},${withoutProof}`;
    this.#expectedSignature = this.#hmac(this.#hmac(salted, 'Server Key'), exchange);
    const signature = this.#hmac(storedKey, exchange);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] as number));
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  #verify(serverFinal: string, expected: Buffer): void {
    const error = /^e=([\w-]+)/.exec(serverFinal)?.[1];
    if (error !== undefined) refuse(`it refused our proof: ${error}`);
    const [, encoded = ''] =
      /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(serverFinal) ?? refuse('its last message is none of SCRAM');
    const signature = Buffer.from(encoded, 'base64');
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      refuse('its signature is wrong: it does not know the password, and may be an impostor');
    }
    this.#isSatisfied = true;
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash, key).update(text).digest();
  }
}

function refuse(problem: string): never {
  throw new SaslError(problem);
}
