import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dialerFor,
  ErrorNumber,
  LibvirtClient,
  LibvirtError,
  parseLibvirtUri,
  RpcConnection,
  type CredentialsSource,
  type RpcConnectionOptions,
} from '../../src/index.js';
import { ListeningLibvirtd } from './listening-libvirtd.js';
import { makeCertificates } from '../transport/make-certificates.js';
import { writeSaslPasswords } from './sasl-passwords.js';

const run = promisify(execFile);
/** A password that a form, a shell and a comma-separated list would all garble. */
const alice = { username: 'alice', password: 'pä,ss=w+ör%d "\'' };
const asAlice: CredentialsSource = () => alice;
const NOBODY = 65_534;

let directory: string;
let pki: string;
const daemons: ListeningLibvirtd[] = [];
let open: ListeningLibvirtd;
let guarded: ListeningLibvirtd;

beforeAll(async () => {
  // Not under the directory of the test run, which is root's alone: a session daemon here runs as nobody.
  directory = await mkdtemp('/tmp/vk-ways-');
  pki = join(directory, 'pki');
  await makeCertificates(pki);
  await makeCertificates(join(directory, 'strangers'));
  const passwords = join(directory, 'passwd.db');
  writeSaslPasswords(passwords, { alice: alice.password });
  const sasl = `mech_list: scram-sha-256 scram-sha-1 plain\nsasldb_path: ${passwords}\n`;
  daemons.push((open = await ListeningLibvirtd.start({ directory: join(directory, 'a'), pki, auth: 'none' })));
  const options = { directory: join(directory, 'b'), pki, auth: 'sasl', sasl } as const;
  daemons.push((guarded = await ListeningLibvirtd.start(options)));
});

afterAll(async () => {
  for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** What every way has to carry: the usual calls, and more than one read at a time. */
async function expectToWork(uri: string, options: RpcConnectionOptions = {}): Promise<void> {
  await using connection = await RpcConnection.open({ uri, ...options });
  expect(await connection.getURI()).toBe('test:///default');
  const answers = await Promise.all(Array.from({ length: 200 }, () => connection.getCapabilities()));
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toMatch(/^<capabilities>[^]*<\/capabilities>\n$/);
}

async function refusal(uri: string, options: RpcConnectionOptions = {}): Promise<Error> {
  const outcome: unknown = await RpcConnection.open({ uri, ...options }).catch((error: unknown) => error);
  if (outcome instanceof RpcConnection) await outcome.close();
  expect(outcome).toMatchObject({ name: 'LibvirtConnectionError', sent: false });
  return outcome as Error;
}

function tls(daemon: ListeningLibvirtd, query: string, host = '127.0.0.1'): string {
  return `test+tls://${host}:${daemon.tlsPort}/default?${query}`;
}

describe('a real daemon by TCP', () => {
  it('answers', () => expectToWork(`test+tcp://127.0.0.1:${open.tcpPort}/default`));

  it('lets a reader read and nothing else', async () => {
    const uri = `test+tcp://localhost:${open.tcpPort}/default`;
    await using connection = await RpcConnection.open({ uri, access: 'read-only' });
    const domain = await connection.lookupByName('test');
    const error: unknown = await domain.suspend().catch((reason: unknown) => reason);
    expect(LibvirtError.is(error, ErrorNumber.VIR_ERR_OPERATION_DENIED)).toBe(true);
  });

  it('is not told a password there, whatever it asks for', async () => {
    const uri = `test+tcp://127.0.0.1:${guarded.tcpPort}/default`;
    expect(await refusal(uri, { credentials: asAlice })).toMatchObject({
      reason: 'authentication',
      message: expect.stringContaining('+tls or +ssh') as string,
    });
  });

  it('is reached by a client that makes several connections', async () => {
    await using client = await LibvirtClient.connect({ uri: `test+tcp://127.0.0.1:${open.tcpPort}/default` });
    const infos = await Promise.all(Array.from({ length: 50 }, async () => (await client.nodeGetInfo()).model));
    expect(new Set(infos)).toEqual(new Set(['i686']));
  });
});

describe('a real daemon by TLS', () => {
  it('answers who shows a certificate, by name and by address', async () => {
    await expectToWork(tls(open, `pkipath=${pki}`));
    await expectToWork(tls(open, `pkipath=${pki}`, 'localhost'));
  });

  it('forgets no call of many that are sent together, on a connection without signs of life', async () => {
    // With several packets in a TLS record libvirtd 9.0 forgets one in about one of ten such rounds, for ever.
    for (let round = 0; round < 50; round++) {
      await expectToWork(tls(open, `pkipath=${pki}`), { keepalive: 'off' });
    }
  });

  it('answers virsh with the same certificates', async () => {
    const { stdout } = await run('virsh', ['--connect', tls(open, `pkipath=${pki}`, 'localhost'), 'uri']);
    expect(stdout).toMatch(/^test\+tls:\/\/localhost/);
  });

  it("hangs up on who shows none, or a stranger's, and that is said", async () => {
    const bare = join(directory, 'bare');
    await mkdir(bare);
    await cp(join(pki, 'cacert.pem'), join(bare, 'cacert.pem'));
    const none = await refusal(tls(open, `pkipath=${bare}`));
    expect(none).toMatchObject({ reason: 'authentication' });
    expect(none.message).toContain('this side showed no certificate');
    const strange = join(directory, 'strange');
    await cp(join(directory, 'strangers'), strange, { recursive: true });
    await cp(join(pki, 'cacert.pem'), join(strange, 'cacert.pem'));
    const unknown = await refusal(tls(open, `pkipath=${strange}`));
    expect(unknown).toMatchObject({ reason: 'authentication' });
    expect(unknown.message).toContain('did not accept our certificate');
  });

  it('is not trusted with a certificate of another CA, unless no_verify=1 says so', async () => {
    const other = join(directory, 'other');
    await cp(pki, other, { recursive: true });
    await cp(join(directory, 'strangers/cacert.pem'), join(other, 'cacert.pem'));
    const error = await refusal(tls(open, `pkipath=${other}`));
    expect(error).toMatchObject({ reason: 'authentication' });
    expect(error.message).toMatch(/is not to be trusted .*cacert\.pem/);
    await expectToWork(tls(open, `pkipath=${other}&no_verify=1`));
  });

  it('is not trusted with a certificate for another host, and is not found where there is none', async () => {
    const error = await refusal(tls(open, `pkipath=${pki}`, 'nowhere.invalid'));
    expect(error).toMatchObject({ reason: 'unreachable' });
    // This machine, by a name that the certificate does not have.
    const named = await refusal(tls(open, `pkipath=${pki}`, '0'));
    expect(named).toMatchObject({ reason: 'authentication' });
    expect(named.message).toContain('is for another host');
  });

  it('is not taken for one when it speaks no TLS', async () => {
    const uri = `test+tls://127.0.0.1:${open.tcpPort}/default?pkipath=${pki}`;
    expect((await refusal(uri, { connectTimeoutMs: 5_000 })).message).toContain('127.0.0.1');
  });

  it('is not asked before there is a CA certificate to check it with', async () => {
    const error = await refusal(tls(open, `pkipath=${directory}/nowhere`));
    expect(error).toMatchObject({ reason: 'authentication' });
    expect(error.message).toContain(`${directory}/nowhere/cacert.pem`);
  });
});

describe('a real daemon that asks for SASL', () => {
  it.each(['scram-sha-256', 'scram-sha-1', 'plain'])('takes the password by %s over TLS', async (mechanism) => {
    await expectToWork(tls(guarded, `pkipath=${pki}&auth=sasl.${mechanism}`), { credentials: asAlice });
  });

  it.each(['scram-sha-256', 'scram-sha-1', 'plain'])('takes the password by %s at its socket', async (mechanism) => {
    const uri = `test+unix:///default?socket=${guarded.socketPath}&auth=sasl.${mechanism}`;
    await expectToWork(uri, { credentials: asAlice });
  });

  it('takes user name and password from an authfile, which virsh takes too', async () => {
    const path = join(directory, 'auth.conf');
    const credentials = `[credentials-mine]\nauthname=${alice.username}\npassword=${alice.password}\n`;
    await writeFile(path, `${credentials}[auth-libvirt-localhost]\ncredentials=mine\n`);
    const uri = `test+unix:///default?socket=${guarded.socketPath}&authfile=${path}`;
    await expectToWork(uri);
    expect((await run('virsh', ['-c', uri, 'list', '--name'])).stdout.trim()).toBe('test');
  });

  it('takes the best mechanism by itself', async () => {
    let used: string | undefined;
    const credentials: CredentialsSource = ({ mechanism }) => {
      used = mechanism;
      return alice;
    };
    await expectToWork(`test+unix:///default?socket=${guarded.socketPath}`, { credentials });
    expect(used).toBe('SCRAM-SHA-256');
  });

  it.each(['scram-sha-256', 'scram-sha-1', 'plain'])(
    'refuses a wrong password by %s, and a stranger',
    async (mechanism) => {
      const uri = `test+unix:///default?socket=${guarded.socketPath}&auth=sasl.${mechanism}`;
      for (const wrong of [
        { ...alice, password: 'wrong' },
        { ...alice, username: 'mallory' },
      ]) {
        const error = await refusal(uri, { credentials: () => wrong });
        expect(error).toMatchObject({ reason: 'authentication' });
        expect(error.message).toContain('Check the user name and the password');
        expect(error.message).not.toContain(wrong.password);
      }
    },
  );

  it('asks nobody for a password at its socket for readers, which needs none', async () => {
    const options = { socketPath: `${guarded.socketPath}-ro`, access: 'read-only' } as const;
    await expectToWork('test:///default', options);
  });
});

describe('a real daemon by ssh', () => {
  /** An ssh that takes this machine for the other one: into the namespace of the daemon, without a network. */
  async function fakeSsh(name: string, prelude = ''): Promise<string> {
    const path = join(directory, name);
    const script = `#!/bin/sh
printf '%s\\n' "$@" >"$0.arguments"
while [ "$1" != -- ]; do shift; done
shift 2
${prelude}
exec nsenter --target ${open.pid} --mount -- sh -c "$*"
`;
    await writeFile(path, script, { mode: 0o755 });
    return path;
  }

  /** A netcat that knows just enough. Perl is on every Debian, netcat is not. */
  async function fakeNetcat(): Promise<string> {
    const path = join(directory, "net cat's");
    const script = String.raw`#!/usr/bin/perl
use strict; use IO::Socket::UNIX; use IO::Select;
if ("@ARGV" eq '-q') { print STDERR "nc: option requires an argument -- 'q'\n"; exit 1 }
"@ARGV[0, 1]" eq '-q0 -U' or die "unexpected arguments: @ARGV\n";
my $socket = IO::Socket::UNIX->new(Peer => $ARGV[2]) or die "$ARGV[2]: $!\n";
my $select = IO::Select->new(\*STDIN, $socket);
while (1) {
  for my $from ($select->can_read) {
    sysread($from, my $bytes, 65536) or exit 0;
    my $to = $from == $socket ? \*STDOUT : $socket;
    for (my $done = 0; $done < length $bytes;) { $done += syswrite($to, $bytes, length($bytes) - $done, $done) // exit 1 }
  }
}
`;
    await writeFile(path, script, { mode: 0o755 });
    return path;
  }

  it.each(['', '&proxy=native'])('answers through virt-ssh-helper%s', async (query) => {
    const command = await fakeSsh('ssh-helper');
    await expectToWork(`test+ssh://alice@host.invalid:2222/default?command=${command}${query}`);
    const given = (await readFile(`${command}.arguments`, 'utf8')).split('\n');
    expect(given.slice(0, 9)).toEqual(['-p', '2222', '-l', 'alice', '-T', '-e', 'none', '--', 'host.invalid']);
  });

  it.each([
    'known_hosts_verify=auto',
    'known_hosts_verify=ignore',
    'sshauth=agent',
    'sshauth=privkey,gssapi&keyfile=/k&no_tty=1',
    'known_hosts_verify=normal&sshauth=password,keyboard-interactive&known_hosts=/k',
  ])('takes the parameters %s, in words that the real ssh knows', async (query) => {
    const command = await fakeSsh('ssh-words');
    await expectToWork(`test+ssh://host.invalid/default?command=${command}&${query}`);
    const words = (await readFile(`${command}.arguments`, 'utf8')).split('\n');
    // It reads its configuration, says what it would do, and connects to nothing.
    const said = await run('ssh', ['-F', 'none', ...words.slice(0, words.indexOf('--')), '-G', 'host.invalid']);
    expect(said.stdout).toContain('hostname host.invalid');
  });

  it('answers a reader through virt-ssh-helper', async () => {
    const command = await fakeSsh('ssh-reader');
    const uri = `test+ssh://host.invalid/default?command=${command}`;
    await expectToWork(uri, { access: 'read-only' });
    expect(await readFile(`${command}.arguments`, 'utf8')).toContain('virt-ssh-helper -r ');
  });

  it('answers through netcat where there is no helper, and where the URI names a netcat or a socket', async () => {
    const netcat = await fakeNetcat();
    const programs = join(directory, 'programs');
    await mkdir(programs);
    await symlink(netcat, join(programs, 'nc'));
    for (const name of ['sh', 'nsenter', 'grep']) {
      await symlink((await run('which', [name])).stdout.trim(), join(programs, name));
    }
    const poor = await fakeSsh('ssh-netcat', `PATH=${programs}`);
    await expectToWork(`test+ssh://host.invalid/default?command=${poor}`);
    const rich = await fakeSsh('ssh-other');
    const query = `command=${rich}&netcat=${encodeURIComponent(netcat)}`;
    await expectToWork(`test+ssh://host.invalid/default?${query}`);
    await expectToWork(`test+ssh://host.invalid/default?${query}&socket=${open.socketPath}`, { access: 'read-only' });
  });

  it('leaves no process behind', async () => {
    const command = await fakeSsh('ssh-gone', 'echo $$ >"$0.pid"');
    const connection = await RpcConnection.open({ uri: `test+ssh://host.invalid/default?command=${command}` });
    const pid = Number(await readFile(`${command}.pid`, 'utf8'));
    expect(() => process.kill(pid, 0)).not.toThrow();
    await connection.close();
    await connection.closed;
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
  });

  it('that is killed ends the connection, and its last words are told', async () => {
    const command = await fakeSsh('ssh-killed', 'echo $$ >"$0.pid"; echo "the line went dead" >&2');
    await using connection = await RpcConnection.open({ uri: `test+ssh://host.invalid/default?command=${command}` });
    process.kill(Number(await readFile(`${command}.pid`, 'utf8')), 'SIGKILL');
    expect(await connection.closed).toMatchObject({
      error: { message: expect.stringMatching(/SIGKILL ended it, and said: the line went dead/) as string },
    });
  });

  it('is unreachable when ssh or what it runs there fails, and that is said', async () => {
    const uri = `qemu+ssh://host.invalid/system?command=${await fakeSsh('ssh-denied', 'echo "alice@host: Permission denied (publickey)." >&2; exit 255')}`;
    expect(await refusal(uri)).toMatchObject({
      reason: 'authentication',
      message: expect.stringMatching(
        /code 255, and said: alice@host: Permission denied.*Log in by hand first/,
      ) as string,
    });
    expect(await refusal(`qemu+ssh://host.invalid/system?command=${directory}/nothing`)).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('An OpenSSH client has to be installed') as string,
    });
    const elsewhere = `qemu+ssh://host.invalid/system?command=${await fakeSsh('ssh-nothing')}&socket=/nowhere`;
    expect((await refusal(elsewhere)).message).toContain('no socket of a libvirt daemon here');
  });

  it('is asked for by the real ssh, which says that nobody listens', async () => {
    const error = await refusal('qemu+ssh://127.0.0.1:1/system?no_tty=1');
    expect(error).toMatchObject({ reason: 'unreachable' });
    expect(error.message).toMatch(/code 255, and said: .*Connection refused/);
  });
});

describe('the daemon of a session', () => {
  it('is started for a user who has none, and found by the next connection', async () => {
    const home = join(directory, 'home');
    const runtime = join(home, 'runtime');
    await mkdir(runtime, { recursive: true });
    await chmod(directory, 0o711);
    for (const path of [home, runtime]) await chown(path, NOBODY, NOBODY);
    const program = join(directory, 'session-libvirtd');
    // Tests run as root, who has no session; so it is nobody's.
    const become = `--reuid ${NOBODY} --regid ${NOBODY} --clear-groups`;
    await writeFile(program, `#!/bin/sh\necho start >>"$0.starts"\nexec setpriv ${become} libvirtd "$@"\n`, {
      mode: 0o755,
    });
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: runtime, LIBVIRTD_PATH: program };
    const user = { uid: NOBODY, home, env };
    const uri = 'test:///default';
    const options = { uri, dial: dialerFor(parseLibvirtUri(uri, 'read-write', user), user), connectTimeoutMs: 60_000 };
    try {
      await expectToWork(uri, options);
      await expectToWork(uri, options);
      expect(await readFile(`${program}.starts`, 'utf8')).toBe('start\n');
    } finally {
      const pid = Number(await readFile(join(runtime, 'libvirt/libvirtd.pid'), 'utf8'));
      process.kill(pid, 'SIGTERM');
      await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
    }
  });

  it('is not waited for when it ends at once, cannot be started or must not be', async () => {
    const runtime = join(directory, 'empty');
    const attempt = (more: NodeJS.ProcessEnv): Promise<Error> => {
      const user = {
        uid: NOBODY,
        home: runtime,
        env: { XDG_RUNTIME_DIR: runtime, PATH: process.env['PATH'], ...more },
      };
      const address = parseLibvirtUri('qemu:///session', 'read-write', user);
      return refusal('qemu:///session', { dial: dialerFor(address, user), connectTimeoutMs: 60_000 });
    };
    expect((await attempt({ LIBVIRTD_PATH: '/bin/false' })).message).toContain('/bin/false was started, but it ended');
    expect((await attempt({ LIBVIRTD_PATH: '/nowhere' })).message).toContain('ENOENT');
    expect((await attempt({ LIBVIRT_AUTOSTART: '0' })).message).toContain('LIBVIRT_AUTOSTART=0 forbids');
  });

  it('is nothing that root has', async () => {
    const user = { uid: 0, home: join(directory, 'empty'), env: {} };
    const dial = dialerFor(parseLibvirtUri('qemu:///session', 'read-write', user), user);
    expect((await refusal('qemu:///session', { dial })).message).toContain('use qemu:///system');
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
