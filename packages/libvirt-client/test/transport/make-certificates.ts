import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes a CA in a directory, and certificates that it has signed, under the names libvirt gives them: cacert.pem,
 * clientcert.pem, clientkey.pem, servercert.pem and serverkey.pem. The daemon's is for localhost and 127.0.0.1.
 */
export async function makeCertificates(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const run = (...args: string[]): void => void execFileSync('openssl', args, { cwd: directory, stdio: 'pipe' });
  const key = (path: string): string[] => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    path,
  ];
  const ca = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  run('req', '-x509', ...key('cakey.pem'), '-out', 'cacert.pem', '-days', '2', '-subj', '/CN=test CA', ...ca);
  const ends = [
    ['server', 'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1'],
    ['client', 'extendedKeyUsage=clientAuth'],
  ] as const;
  for (const [end, extensions] of ends) {
    await writeFile(
      join(directory, 'extensions'),
      `keyUsage=critical,digitalSignature,keyEncipherment\n${extensions}\n`,
    );
    run('req', ...key(`${end}key.pem`), '-out', 'request', '-subj', `/CN=${end}`);
    const signing = ['-CA', 'cacert.pem', '-CAkey', 'cakey.pem', '-CAcreateserial', '-extfile', 'extensions'];
    run('x509', '-req', '-in', 'request', '-out', `${end}cert.pem`, '-days', '2', ...signing);
  }
}
