import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { LibvirtConnectionError } from '../errors/libvirt-connection-error.js';
import { isRoot, type LocalUser } from './local-user.js';

/** PEM texts for one end of a TLS connection. Without `cert` and `key` this side shows no certificate. */
export interface TlsFiles {
  readonly ca: string;
  readonly crl?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface TlsFilesOptions {
  /** One directory with everything, and no other is looked at: the parameter `pkipath`. */
  readonly pkipath?: string | undefined;
  readonly user?: LocalUser;
  /** Stands before `/etc/pki`. Default: nothing. */
  readonly root?: string;
}

interface Places {
  readonly ca: string;
  readonly crl: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads the certificates from where libvirt looks for them. A user other than root may have files of their own in
 * `~/.pki/libvirt`; what is missing there comes from the system's places, certificate and key always from one place.
 * @throws LibvirtConnectionError `authentication` when there is no CA certificate, or half a pair; it names the paths
 */
export async function readTlsFiles(options: TlsFilesOptions = {}): Promise<TlsFiles> {
  const { user = {}, root = '' } = options;
  const system: Places = {
    ca: `${root}/etc/pki/CA/cacert.pem`,
    crl: `${root}/etc/pki/CA/cacrl.pem`,
    cert: `${root}/etc/pki/libvirt/clientcert.pem`,
    key: `${root}/etc/pki/libvirt/private/clientkey.pem`,
  };
  const own = options.pkipath ?? (isRoot(user) ? undefined : join(user.home ?? homedir(), '.pki/libvirt'));
  if (own === undefined) return readFrom([system]);
  return readFrom(options.pkipath === undefined ? [inOne(own), system] : [inOne(own)]);
}

function inOne(directory: string): Places {
  return {
    ca: join(directory, 'cacert.pem'),
    crl: join(directory, 'cacrl.pem'),
    cert: join(directory, 'clientcert.pem'),
    key: join(directory, 'clientkey.pem'),
  };
}

async function readFrom(places: readonly Places[]): Promise<TlsFiles> {
  const ca = await firstThatExists(places.map((place) => place.ca));
  if (ca === undefined) {
    throw unusable(
      `there is no CA certificate to check the daemon's with, at ${places.map((place) => place.ca).join(' or ')}. ` +
        'Put it there, or name its directory by ?pkipath=',
    );
  }
  const crl = await firstThatExists(places.map((place) => place.crl));
  return { ca, ...(crl !== undefined && { crl }), ...(await firstPair(places)) };
}

async function firstPair(places: readonly Places[]): Promise<Pick<TlsFiles, 'cert' | 'key'>> {
  let half: Places | undefined;
  for (const place of places) {
    const [cert, key] = [await textOf(place.cert), await textOf(place.key)];
    if (cert !== undefined && key !== undefined) return { cert, key };
    if (cert !== undefined || key !== undefined) half = place;
  }
  if (half === undefined) return {};
  throw unusable(`of the client's certificate ${half.cert} and its key ${half.key} only one is there`);
}

async function firstThatExists(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const text = await textOf(path);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Undefined where there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unusable(`a certificate cannot be read: ${message}`);
  }
}

function unusable(problem: string): LibvirtConnectionError {
  return new LibvirtConnectionError(`no TLS connection: ${problem}`, { reason: 'authentication', sent: false });
}
