import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseLibvirtUri, type Access } from '../../src/index.js';
import { sshArguments } from '../../src/transport/ssh-arguments.js';

function argumentsFor(uri: string, access: Access = 'read-write'): readonly string[] {
  return sshArguments(parseLibvirtUri(uri, access, { uid: 0 }));
}

/** What the shell at the other end runs: ssh joins the words behind the host with spaces. */
function remoteScript(uri: string, access: Access = 'read-write'): string {
  const args = argumentsFor(uri, access);
  const command = args.slice(args.indexOf('--') + 2);
  expect(command.slice(0, 2)).toEqual(['sh', '-c']);
  // The words as a real shell takes them apart.
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command.join(' ')}`], { encoding: 'utf8' }).split('\0');
  return words[2] as string;
}

describe('the arguments of ssh', () => {
  it('are the options of the URI, then the host behind --', () => {
    const uri = 'qemu+ssh://alice@host:2222/system?keyfile=/k&no_tty=1&no_verify=1&known_hosts=/a%20b%25';
    expect(argumentsFor(uri).slice(0, -3)).toEqual([
      ...['-p', '2222', '-l', 'alice', '-i', '/k', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile="/a b%%"', '-T', '-e', 'none', '--', 'host'],
    ]);
    expect(argumentsFor('qemu+ssh://host/system').slice(0, -3)).toEqual(['-T', '-e', 'none', '--', 'host']);
  });

  it.each([
    ['known_hosts_verify=normal', ['StrictHostKeyChecking=yes']],
    ['known_hosts_verify=auto', ['StrictHostKeyChecking=accept-new']],
    ['known_hosts_verify=ignore', ['StrictHostKeyChecking=no']],
    ['known_hosts_verify=normal&no_verify=1', ['StrictHostKeyChecking=no']],
    ['sshauth=agent', ['PreferredAuthentications=publickey', 'IdentityFile=none']],
    ['sshauth=privkey', ['PreferredAuthentications=publickey', 'IdentityAgent=none']],
    ['sshauth=agent,privkey', ['PreferredAuthentications=publickey']],
    ['sshauth=gssapi,password', ['PreferredAuthentications=gssapi-with-mic,password']],
    ['sshauth=keyboard-interactive', ['PreferredAuthentications=keyboard-interactive']],
  ])('say %s in words of OpenSSH', (query, options) => {
    const args = argumentsFor(`qemu+ssh://host/system?${query}`);
    const given = args.slice(0, args.indexOf('-T'));
    expect(given).toEqual(options.flatMap((option) => ['-o', option]));
  });

  it('ask for the helper first and for netcat where there is none', () => {
    expect(remoteScript('qemu+ssh://host/system')).toMatch(
      /^if command -v virt-ssh-helper .*exec virt-ssh-helper 'qemu:\/\/\/system'; fi; .*'nc' "\$@" -U '\/run\/libvirt\/virtqemud-sock'; fi; .*libvirt-sock/,
    );
    expect(remoteScript('qemu+ssh://host/system', 'read-only')).toContain("virt-ssh-helper -r 'qemu:///system'");
    expect(remoteScript('qemu+ssh://host/system', 'read-only')).toContain('/libvirt-sock-ro');
  });

  it('ask for one only where the URI says so', () => {
    expect(remoteScript('qemu+ssh://host/session?proxy=native')).toBe("exec virt-ssh-helper 'qemu:///session'");
    for (const query of ['proxy=netcat', 'netcat=/bin/nc', 'socket=/s']) {
      expect(remoteScript(`qemu+ssh://host/system?${query}`)).not.toContain('virt-ssh-helper');
    }
    expect(remoteScript('qemu+ssh://host/session')).not.toContain('-U');
  });

  it('quote what comes from the URI for the shell at the other end', () => {
    const script = remoteScript(`qemu+ssh://host/system?netcat=${encodeURIComponent("echo '$(id)' #")}&socket=/x`);
    // `test -S /x` fails, so the shell runs what is quoted once, for -q, and finds no such program.
    expect(script).toContain(`'echo '\\''$(id)'\\'' #' "$@" -U '/x'`);
    expect(remoteScript(`test+ssh://host/a'b;c`)).toContain(`virt-ssh-helper 'test:///a'\\''b;c'`);
  });
});
