import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { procedures, type CredentialsSource } from '../../src/index.js';
import type { ScriptedPeer } from '../../src/testing/index.js';

export const alice = { username: 'alice', password: 'correct horse' };
export const asAlice: CredentialsSource = () => alice;

const SALT = Buffer.from('a salt of some bytes');
const ITERATIONS = 4_096;

interface Behaviour {
  /** Whether the daemon sends its signature with the word that the login is complete, or before. */
  readonly signature?: 'with-complete' | 'before-complete' | 'missing';
  readonly password?: string;
}

/** Makes the scripted peer ask for SCRAM-SHA-256, in the daemon's part of RFC 7677. */
export function serveScram(peer: ScriptedPeer, { signature = 'with-complete', password }: Behaviour = {}): void {
  let clientFirst = '';
  let serverFirst = '';
  peer.answer(procedures.authList, () => ({ types: [1] }));
  peer.answer(procedures.authSASLInit, () => ({ mechlist: 'ANONYMOUS,PLAIN SCRAM-SHA-256' }));
  peer.answer(procedures.authSASLStart, ({ args }) => {
    clientFirst = Buffer.from(args.data).toString().replace('n,,', '');
    const nonce = /r=(.*)$/.exec(clientFirst)?.[1];
    serverFirst = `r=${nonce}more,s=${SALT.toString('base64')},i=${ITERATIONS}`;
    return { complete: 0, nil: 0, data: Buffer.from(serverFirst) };
  });
  peer.answer(procedures.authSASLStep, ({ args }) => {
    // The answer to a signature that came before the end.
    if (args.nil === 1) return { complete: 1, nil: 1, data: new Uint8Array() };
    const withoutProof = Buffer.from(args.data)
      .toString()
      .replace(/,p=.*$/, '');
    const salted = pbkdf2Sync(password ?? alice.password, SALT, ITERATIONS, 32, 'sha256');
    const exchange = `${clientFirst},${serverFirst},${withoutProof}`;
    const serverKey = createHmac('sha256', salted).update('Server Key').digest();
    const proof = createHmac('sha256', serverKey).update(exchange).digest('base64');
    if (signature === 'missing') return { complete: 1, nil: 1, data: new Uint8Array() };
    return { complete: signature === 'with-complete' ? 1 : 0, nil: 0, data: Buffer.from(`v=${proof}`) };
  });
}

/** What a message must not hold, in any form that is easy to read. */
export const secrets = new RegExp(
  [
    alice.password,
    Buffer.from(alice.password).toString('base64'),
    createHash('sha256').update(alice.password).digest('hex'),
  ]
    .join('|')
    .replaceAll('+', '\\+'),
);
