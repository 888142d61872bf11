import { readFile } from 'node:fs/promises';
import { authenticationFailure } from './authentication-failure.js';
import type { CredentialsSource } from './credentials.js';

/** What stands between two headings, `name=value` by line. */
type Groups = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** virsh's name for our service in such a file. */
const SERVICE = 'libvirt';
const FILE_BYTES_MAX = 65_536;

/**
 * User name and password from a file as virsh takes it in `authfile`: `[auth-libvirt-HOST]`, or `[auth-libvirt-default]`,
 * names a group of credentials, and `[credentials-NAME]` has `authname` and `password`. The file is read anew for every
 * login. Errors name the file and what is missing, never what stands in it.
 */
export function credentialsFromFile(path: string): CredentialsSource {
  return async ({ host = 'localhost', username }) => {
    const groups = groupsOf(await textOf(path));
    const heading = [`auth-${SERVICE}-${host}`, `auth-${SERVICE}-default`].find((name) => groups.has(name));
    if (heading === undefined) throw missing(path, `no [auth-${SERVICE}-${host}] and no [auth-${SERVICE}-default]`);
    const name = groups.get(heading)?.get('credentials');
    if (name === undefined) throw missing(path, `no credentials= in [${heading}]`);
    const group = groups.get(`credentials-${name}`);
    if (group === undefined) throw missing(path, `no group of the credentials that [${heading}] names`);
    const authname = group.get('authname') ?? username;
    const password = group.get('password');
    if (authname === undefined)
      throw missing(path, `no authname= in the credentials of [${heading}], and no user in the URI`);
    if (password === undefined) throw missing(path, `no password= in the credentials of [${heading}]`);
    return { username: authname, password };
  };
}

async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw missing(path, `it cannot be read (${error.code ?? 'unknown error'})`);
  });
  if (Buffer.byteLength(text) > FILE_BYTES_MAX) throw missing(path, `more than ${FILE_BYTES_MAX} bytes`);
  return text;
}

function groupsOf(text: string): Groups {
  const groups = new Map<string, Map<string, string>>();
  let group = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (heading !== undefined) groups.set(heading, (group = new Map<string, string>()));
    const [, name, value] = /^\s*([^#;=[\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) group.set(name, value);
  }
  return groups;
}

function missing(path: string, problem: string): Error {
  return authenticationFailure(
    `the authfile ${path} of the URI gives no user name and password: ${problem}`,
    'Complete it, or give the option credentials, a function that returns { username, password }',
  );
}
