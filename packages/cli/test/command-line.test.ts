import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../src/command-line.js';
import { nodeProblem } from '../src/supported-node.js';

const read = (line: string) => readCommandLine(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  it.each([
    ['', { name: 'help' }],
    ['tour --help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['--version', { name: 'version' }],
    ['tour', { name: 'tour', choice: { driver: 'fake' } }],
    ['--driver fake tour', { name: 'tour', choice: { driver: 'fake' } }],
    ['tour --driver=libvirt', { name: 'tour', choice: { driver: 'libvirt', missingPackages: 'name' } }],
    ['tour --driver libvirt --install', { name: 'tour', choice: { driver: 'libvirt', missingPackages: 'install' } }],
    [
      'tour --driver libvirt --uri qemu+unix:///system?socket=/run/sock',
      {
        name: 'tour',
        choice: { driver: 'libvirt', missingPackages: 'name', uri: 'qemu+unix:///system?socket=/run/sock' },
      },
    ],
  ])('reads "%s"', (line, command) => {
    expect(read(line)).toEqual(command);
  });

  it.each([
    ['toor', 'unknown command "toor"; accepted: tour'],
    ['tour again', '"again" is too much'],
    ['tour --drivers fake', 'unknown option --drivers; accepted: --driver, --uri, --install, --help, --version'],
    ['tour -x', 'unknown option -x; accepted'],
    ['tour --toString', 'unknown option --toString; accepted'],
    ['tour --driver xen', '--driver is "xen"; accepted: fake, libvirt'],
    ['tour --driver', '--driver has no value; accepted: --driver fake, libvirt'],
    ['tour --driver --install', '--driver'],
    ['tour --install=yes', '--install has the value "yes"; accepted: --install alone'],
    ['tour --uri qemu:///system', '--uri is accepted only with --driver libvirt'],
    ['tour --driver fake --install', '--install is accepted only with --driver libvirt'],
  ])('refuses "%s", and says what it takes', (line, problem) => {
    expect(() => read(line)).toThrow(problem);
  });
});

describe('an old Node', () => {
  it.each(['22.13.0', '22.20.1', '24.0.0', '100.0.0'])('is not %s', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it.each(['20.20.2', '22.9.0', '9.0.0'])('is %s', (version) => {
    expect(nodeProblem(version)).toContain(`this is Node ${version}`);
  });
});
