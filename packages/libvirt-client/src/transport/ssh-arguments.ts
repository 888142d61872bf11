import type { LibvirtAddress } from './libvirt-uri.js';
import type { UriParameters } from './uri-parameters.js';

const NO_SOCKET = 'no socket of a libvirt daemon here; name it by ?socket= in the URI';

/**
 * The arguments for the user's own ssh: options, host, and what to run there. ssh hands that to the shell of the other
 * end as one line, so everything that comes from the URI is quoted for a shell; nothing is for one on this side.
 */
export function sshArguments(address: LibvirtAddress): readonly string[] {
  const { host = 'localhost', port, username, parameters } = address;
  const options = [
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(username === undefined ? [] : ['-l', username]),
    ...(parameters.keyfile === undefined ? [] : ['-i', parameters.keyfile]),
    ...(parameters.noTty === '1' ? ['-o', 'BatchMode=yes'] : []),
    ...hostKeyChecking(parameters),
    ...loginMethods(parameters),
    ...(parameters.knownHosts === undefined ? [] : ['-o', userKnownHostsFile(parameters.knownHosts)]),
    // Neither a terminal, nor an escape character in the stream.
    ...['-T', '-e', 'none'],
  ];
  // Over there may be any shell, but there is a POSIX one among them.
  return [...options, '--', host, 'sh', '-c', quoted(remoteScript(address))];
}

/** Whether any host that answers is taken for the one of the URI. */
export function takesAnyHost({ noVerify, knownHostsVerify }: UriParameters): boolean {
  return noVerify === '1' || knownHostsVerify === 'ignore';
}

function hostKeyChecking(parameters: UriParameters): readonly string[] {
  if (takesAnyHost(parameters)) return ['-o', 'StrictHostKeyChecking=no'];
  if (parameters.knownHostsVerify === 'auto') return ['-o', 'StrictHostKeyChecking=accept-new'];
  // Without a word in the URI, ssh's own configuration decides.
  return parameters.knownHostsVerify === 'normal' ? ['-o', 'StrictHostKeyChecking=yes'] : [];
}

const sshNames: Readonly<Record<string, string>> = {
  agent: 'publickey',
  privkey: 'publickey',
  gssapi: 'gssapi-with-mic',
};

/** libvirt's names for ways to log in. ssh has one for keys of files and keys of the agent. */
function loginMethods({ sshauth }: UriParameters): readonly string[] {
  if (sshauth === undefined) return [];
  const methods = sshauth.split(',');
  const names = new Set(methods.map((method) => sshNames[method] ?? method));
  return [
    ...['-o', `PreferredAuthentications=${[...names].join(',')}`],
    ...(names.has('publickey') && !methods.includes('agent') ? ['-o', 'IdentityAgent=none'] : []),
    ...(names.has('publickey') && !methods.includes('privkey') ? ['-o', 'IdentityFile=none'] : []),
  ];
}

/** Runs libvirt's own helper, which finds the daemon and can start it, or else connects to a socket with netcat. */
function remoteScript(address: LibvirtAddress): string {
  const { proxy = 'auto', netcat, socket } = address.parameters;
  const readonly = address.access === 'read-only' ? ' -r' : '';
  const helper = `exec virt-ssh-helper${readonly} ${quoted(address.name)}`;
  if (proxy === 'native') return helper;
  const fallback = netcatScript(netcat ?? 'nc', address.socketPaths);
  // The helper cannot be told of a socket, and who names a netcat wants it used.
  if (proxy === 'netcat' || netcat !== undefined || socket !== undefined) return fallback;
  return `if command -v virt-ssh-helper >/dev/null 2>&1; then ${helper}; fi; ${fallback}`;
}

/** Some netcats end with their input only when told so by -q0, and others do not know -q. */
function netcatScript(netcat: string, socketPaths: readonly string[]): string {
  const program = quoted(netcat);
  return [
    'set --',
    `if ${program} -q 2>&1 | grep "requires an argument" >/dev/null 2>&1; then set -- -q0; fi`,
    ...socketPaths.map((path) => `if test -S ${quoted(path)}; then exec ${program} "$@" -U ${quoted(path)}; fi`),
    `echo "${NO_SOCKET}" >&2`,
    'exit 1',
  ].join('; ');
}

/** ssh reads this one as a line of its configuration: with quotation marks, and % for more than itself. */
function userKnownHostsFile(path: string): string {
  return `UserKnownHostsFile="${path.replaceAll('%', '%%')}"`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
