import { describe, expect, it } from 'vitest';
import { parseLibvirtUri } from '../../src/index.js';

const env = { XDG_RUNTIME_DIR: '/run/user/1000' };

describe('a libvirt URI', () => {
  it.each([
    ['qemu:///system', 'qemu:///system', ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock']],
    ['qemu+unix:///system', 'qemu:///system', ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock']],
    ['qemu+unix:///system?socket=/a/b%20c', 'qemu:///system', ['/a/b c']],
    [
      'qemu:///session',
      'qemu:///session',
      ['/run/user/1000/libvirt/virtqemud-sock', '/run/user/1000/libvirt/libvirt-sock'],
    ],
    ['test:///default', 'test:///default', ['/run/libvirt/libvirt-sock']],
    ['test:///default?socket=/x', 'test:///default', ['/x']],
  ])('%s names what to open and where to look for the daemon', (uri, name, socketPaths) => {
    expect(parseLibvirtUri(uri, 'read-write', env)).toEqual({ name, socketPaths });
  });

  it('leads a reader to the sockets for readers', () => {
    const socketPaths = ['/run/libvirt/virtqemud-sock-ro', '/run/libvirt/libvirt-sock-ro'];
    expect(parseLibvirtUri('qemu:///system', 'read-only', env).socketPaths).toEqual(socketPaths);
  });

  it('of a session without a runtime directory leads to the cache directory', () => {
    const { socketPaths } = parseLibvirtUri('qemu:///session', 'read-write', {});
    expect(socketPaths.every((path) => path.includes('/.cache/libvirt/'))).toBe(true);
  });

  it.each([
    ['', 'is no URI'],
    ['qemu', 'is no URI'],
    ['qemu+tcp://host/system', 'has the transport "tcp"'],
    ['qemu+ssh:///system', 'has the transport "ssh"'],
    ['qemu://host/system', 'has the host "host"'],
    ['qemu:///embed', 'means "qemu:///embed"'],
    ['xen:///system', 'means "xen:///system"'],
    ['test:///some/file.xml', 'means "test:///some/file.xml"'],
    ['qemu:///system?mode=direct', 'has the parameter "mode"'],
    ['qemu:///system?socket=relative', 'has the socket "relative", which is no absolute path'],
  ])('%j is refused with what is wrong and what is accepted', (uri, problem) => {
    expect(() => parseLibvirtUri(uri, 'read-write', env)).toThrow(TypeError);
    expect(() => parseLibvirtUri(uri, 'read-write', env)).toThrow(`${JSON.stringify(uri)} ${problem}; accepted are`);
  });
});
