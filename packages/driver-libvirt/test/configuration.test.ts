import { missingMethods, supports } from '@virtkit/core/driver';
import { libvirtConfiguration, libvirtDriver } from '@virtkit/driver-libvirt';
import { testEnvironment } from '@virtkit/driver-testkit';
import { describe, expect, it } from 'vitest';
import { configuration } from './support/configuration.js';

const least = { stateDirectory: '/state', imageDirectories: ['/images'] };

describe('the configuration', () => {
  it('needs to say where disks and images are, and nothing else', () => {
    expect(libvirtConfiguration.parse(least)).toMatchObject({
      uri: 'qemu:///system',
      virtType: 'kvm',
      machine: 'pc',
      vifPluggingTimeoutMs: 300_000,
      vifPluggingIsFatal: true,
      softRebootTimeoutMs: 120_000,
      timeouts: { readMs: 10_000, startMs: 180_000 },
    });
  });

  it.each([
    [{}, 'stateDirectory', 'an absolute path'],
    [{ ...least, stateDirectory: 'state' }, 'stateDirectory', 'an absolute path'],
    [{ ...least, imageDirectories: [] }, 'imageDirectories', 'at least one directory'],
    [{ ...least, imageDirectories: ['images'] }, 'imageDirectories.0', 'an absolute path'],
    [{ ...least, userNetworks: 'restricted' }, 'userNetworks', 'allowed, refused'],
    [{ ...least, virtType: 'hvf' }, 'virtType', 'kvm, qemu'],
    [{ ...least, machine: 'virt' }, 'machine', 'pc, q35'],
    [{ ...least, vnc: { listenAddress: 'localhost' } }, 'vnc.listenAddress', 'an IP address'],
    [{ ...least, softRebootTimeoutMs: 1.5 }, 'softRebootTimeoutMs', 'whole milliseconds'],
    [{ ...least, timeouts: { startMs: 1 } }, 'timeouts.startMs', 'at least 1000'],
    [{ ...least, stateDir: '/state' }, '', 'stateDir'],
  ])('refuses %j, naming the field and what is accepted', async (value, path, accepted) => {
    const { issues } = await libvirtDriver.configuration['~standard'].validate(value);
    const issue = issues?.find((each) => (each.path ?? []).map(String).join('.') === path);
    expect(issue?.message, JSON.stringify(issues)).toContain(accepted);
  });
});

describe('a URI of this host', () => {
  it.each([
    'xen:///',
    'qemu+tcp:///system',
    'qemu+tcp://127.0.0.1/system',
    'qemu+tls://host.example/system',
    'qemu+ssh://root@host.example/system',
    'qemu+libssh2://host.example/system',
    'qemu+ext:///system?command=x',
    'qemu://host.example/system',
    'qemu+unix://host.example/system',
    'qemu:///embed?root=/tmp/x',
    'qemu',
  ])('is needed: %s is refused with the reason', async (uri) => {
    const { issues } = await libvirtDriver.configuration['~standard'].validate({ ...least, uri });
    expect(issues?.map(({ path, message }) => [path, message])).toEqual([
      [['uri'], expect.stringContaining('of this host, because disks, images and consoles are files of the host')],
    ]);
  });

  it.each(['qemu:///system', 'qemu:///session', 'qemu+unix:///system', 'qemu+unix:///system?socket=/run/x.sock'])(
    'is taken: %s',
    (uri) => {
      expect(libvirtConfiguration.parse({ ...least, uri }).uri).toBe(uri);
    },
  );
});

describe('the definition', () => {
  it('names the driver and the contract it was built for', () => {
    expect(libvirtDriver).toMatchObject({ name: 'libvirt', contract: { atLeast: '2.0', below: '3.0' } });
  });

  it('makes a driver that declares VNC consoles only where there are some', () => {
    const without = libvirtDriver.create(configuration(), testEnvironment());
    const withVnc = libvirtDriver.create(configuration({ vnc: {} }), testEnvironment());
    expect(supports(without, 'vncConsole')).toBe(false);
    expect(supports(withVnc, 'vncConsole')).toBe(true);
    expect(missingMethods(withVnc)).toEqual([]);
  });
});
