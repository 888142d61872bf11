import { describe, expect, it } from 'vitest';
import { parseLibvirtUri, type LocalUser } from '../../src/index.js';

const root: LocalUser = { uid: 0, env: {}, home: '/root' };
const alice: LocalUser = { uid: 1000, env: { XDG_RUNTIME_DIR: '/run/user/1000' }, home: '/home/alice' };

function parse(uri: string, user = root): ReturnType<typeof parseLibvirtUri> {
  return parseLibvirtUri(uri, 'read-write', user);
}

describe('a libvirt URI for this machine', () => {
  it.each([
    ['qemu:///system', 'qemu:///system', ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock']],
    ['qemu+unix:///system', 'qemu:///system', ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock']],
    ['qemu+unix:///system?socket=/a/b%20c+d', 'qemu:///system', ['/a/b c+d']],
    ['qemu:///system?mode=direct', 'qemu:///system', ['/run/libvirt/virtqemud-sock']],
    ['qemu:///system?mode=legacy', 'qemu:///system', ['/run/libvirt/libvirt-sock']],
    ['network:///system', 'network:///system', ['/run/libvirt/virtnetworkd-sock', '/run/libvirt/libvirt-sock']],
    ['storage:///system', 'storage:///system', ['/run/libvirt/virtstoraged-sock', '/run/libvirt/libvirt-sock']],
    ['nodedev:///system', 'nodedev:///system', ['/run/libvirt/virtnodedevd-sock', '/run/libvirt/libvirt-sock']],
    ['test:///default', 'test:///default', ['/run/libvirt/libvirt-sock']],
    ['test:///default?socket=/x', 'test:///default', ['/x']],
    ['test:///some/file.xml', 'test:///some/file.xml', ['/run/libvirt/libvirt-sock']],
  ])('%s names what to open and where to look for the daemon', (uri, name, socketPaths) => {
    expect(parse(uri)).toMatchObject({ name, transport: 'unix', daemon: 'system', socketPaths });
  });

  it('leads a reader to the sockets for readers', () => {
    const socketPaths = ['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro'];
    expect(parseLibvirtUri('qemu:///system', 'read-only', alice)).toMatchObject({ access: 'read-only', socketPaths });
  });

  it.each([
    ['qemu:///session', alice, '/run/user/1000/libvirt'],
    ['qemu:///session', { ...alice, env: {} }, '/home/alice/.cache/libvirt'],
    ['qemu:///session', { ...alice, env: { XDG_RUNTIME_DIR: '' } }, '/home/alice/.cache/libvirt'],
  ])('%s leads to the sockets of the user', (uri, user, directory) => {
    const socketPaths = [`${directory}/virtqemud-sock`, `${directory}/libvirt-sock`];
    expect(parse(uri, user)).toMatchObject({ daemon: 'session', socketPaths });
    // A session has no second socket for readers.
    expect(parseLibvirtUri(uri, 'read-only', user)).toMatchObject({ socketPaths });
  });

  it('with the test driver leads a user to the session, as in the C library', () => {
    expect(parse('test:///default', alice).socketPaths).toEqual(['/run/user/1000/libvirt/libvirt-sock']);
  });
});

describe('a libvirt URI for another machine', () => {
  it.each([
    ['qemu://host/system', { transport: 'tls', host: 'host' }],
    ['qemu+tls://host.example:7000/system', { transport: 'tls', host: 'host.example', port: 7000 }],
    ['qemu+tcp://[fe80::1]:16509/system', { transport: 'tcp', host: 'fe80::1', port: 16_509 }],
    ['qemu+tcp://127.0.0.1/system', { transport: 'tcp', host: '127.0.0.1' }],
    ['qemu+ssh:///system', { transport: 'ssh', host: 'localhost' }],
    ['qemu+ssh://al%20ice@host/system', { transport: 'ssh', host: 'host', username: 'al ice' }],
    ['qemu+tls://alice@host/system?auth=sasl.scram-sha-256', { parameters: { auth: 'sasl.scram-sha-256' } }],
    ['qemu+tls://host/system?no_verify=1&pkipath=/p', { parameters: { noVerify: '1', pkipath: '/p' } }],
    ['qemu+ssh://host/system?no_tty=1;known_hosts=/k', { parameters: { noTty: '1', knownHosts: '/k' } }],
    ['qemu+ssh://host/system?known_hosts_verify=auto', { parameters: { knownHostsVerify: 'auto' } }],
    ['qemu+ssh://host/system?sshauth=agent,privkey', { parameters: { sshauth: 'agent,privkey' } }],
    ['qemu+ssh://host/system?no_verify=7&no_tty=0', { parameters: { noVerify: '1', noTty: '0' } }],
    ['qemu+tls://host/system?tls_priority=NORMAL', { parameters: { tlsPriority: 'NORMAL' } }],
    ['qemu+tls://host/system?authfile=/etc/auth.conf', { parameters: { authfile: '/etc/auth.conf' } }],
  ])('%s names how to get there', (uri, expected) => {
    expect(parse(uri)).toMatchObject({ name: 'qemu:///system', ...expected });
  });

  it('never tells the daemon of host, transport and parameters, which it would connect to itself', () => {
    for (const transport of ['', '+tcp', '+tls', '+ssh']) {
      expect(parse(`qemu${transport}://elsewhere.example:99/system?auth=none`).name).toBe('qemu:///system');
    }
  });
});

describe('a libvirt URI that makes no sense', () => {
  it.each([
    ['', 'is no URI'],
    ['qemu', 'is no URI'],
    ['qemu:///system#fragment', 'is no URI'],
    ['qemu+ext://host/system', 'has the transport "ext": write +ssh with ?command='],
    ['qemu+libssh2://host/system', 'has the transport "libssh2", a library that is not here: write +ssh'],
    ['qemu+libssh://host/system', 'has the transport "libssh", a library that is not here: write +ssh'],
    [
      'qemu+tls://host/system?tls_priority=SECURE256',
      'has the tls_priority "SECURE256", which is a list for GnuTLS, and Node.js has OpenSSL: leave it out, and start',
    ],
    ['qemu+ssh://host/system?known_hosts_verify=no', 'has the known_hosts_verify "no", which is none of normal, auto'],
    ['qemu+ssh://host/system?sshauth=key', 'has the sshauth "key", which is no list of agent, privkey, password'],
    ['qemu+ssh://host/system?sshauth=', 'has the sshauth "", which is no list of agent'],
    ['qemu+ssh://host/system?sshauth=agent&keyfile=/k', 'has a keyfile, which the sshauth "agent" does not use'],
    ['qemu+tls://host/system?sshauth=agent', 'has the parameter "sshauth", which +tls does not know'],
    ['qemu:///system?authfile=auth.conf', 'has the authfile "auth.conf", which is no absolute path'],
    ['qemu+unix://host/system', 'has a host'],
    ['qemu+ssh://-oProxyCommand=x/system', 'has the host "-oProxyCommand=x"'],
    ['qemu+ssh://-host/system', 'has the host "-host"'],
    ['qemu+ssh://-l@host/system', 'has the user "-l"'],
    ['qemu+tcp://host:0/system', 'has the port 0'],
    ['qemu+tcp://host:65536/system', 'has the port 65536'],
    ['qemu:///embed', 'means "qemu:///embed"'],
    ['qemu+tcp://host', 'means "qemu:///"'],
    ['esx://host/system', 'has the driver "esx", which no daemon has'],
    ['test:///default?mode=direct', 'has the mode "direct", but the driver test has no daemon of its own'],
    ['qemu:///system?mode=fast', 'has the mode "fast", which is none of auto, direct, legacy'],
    [
      'qemu:///system?name=other',
      'has the parameter "name", but the daemon is told the driver and path of the URI only',
    ],
    ['qemu:///system?nmae=other', 'has the parameter "nmae", which is none of socket, mode, auth, authfile, pkipath'],
    ['qemu:///system?socket=relative', 'has the socket "relative", which is no absolute path'],
    ['qemu:///system?socket=/a&socket=/b', 'has the parameter "socket" twice'],
    ['qemu:///system?socket=/a%zz', 'has the parameter "socket" with a broken % in its value'],
    ['qemu+tls://host/system?keyfile=/k', 'has the parameter "keyfile", which +tls does not know'],
    ['qemu+tls://host/system?no_verify=yes', 'has the no_verify "yes", which is neither 0 nor 1'],
    ['qemu+ssh://host/system?command=-x', 'has the command "-x", which names no program'],
    [
      'qemu+ssh://host/system?proxy=native&socket=/a',
      'has the proxy "native", which takes neither a socket nor a netcat',
    ],
    ['qemu+ssh://host/system?known_hosts=/a%22', 'has the known_hosts "/a"", which is no absolute path'],
    ['qemu+tls://host/system?auth=ldap', 'has the auth "ldap", which is none of none, polkit, sasl, sasl.MECHANISM'],
  ])('%j is refused with what is wrong and what is accepted', (uri, problem) => {
    expect(() => parse(uri)).toThrow(TypeError);
    expect(() => parse(uri)).toThrow(`${JSON.stringify(uri)} ${problem}`);
    expect(() => parse(uri)).toThrow('; accepted are qemu:///system, ');
  });

  it.each([
    'qemu+tls://alice:hunter2@host/system',
    'qemu+tls://alice:a:hunter2@host/x',
    'q!+tls://alice:hunter/2@host/',
  ])('is not repeated with the password in it', (uri) => {
    expect(() => parse(uri)).toThrow(TypeError);
    expect(() => parse(uri)).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/hunter|a:/) }));
  });
});
