import { describe, expect, it } from 'vitest';
import { hostProblems } from '../../src/tour/libvirt/prepare-host.js';

const named = { driver: 'libvirt', missingPackages: 'name' } as const;
const installing = { driver: 'libvirt', missingPackages: 'install' } as const;
const missing = ['libvirt-daemon', 'qemu-utils'];

describe('a machine for the tour on libvirt', () => {
  it('is one where nothing is missing, for root', () => {
    expect(hostProblems(named, { user: 'root', missing: [] })).toEqual([]);
  });

  it('may lack packages when root wants them installed', () => {
    expect(hostProblems(installing, { user: 'root', missing })).toEqual([]);
  });

  it('says which packages are missing and how to get them', () => {
    expect(hostProblems(named, { user: 'root', missing })).toEqual([
      expect.stringMatching(/libvirt-daemon qemu-utils\. .*--install.*: apt-get install .*libvirt-daemon qemu-utils$/),
    ]);
  });

  it('says that it takes root, or another libvirtd', () => {
    expect(hostProblems(named, { user: 'other', missing: [] })).toEqual([
      expect.stringMatching(/needs root.*--uri qemu/),
    ]);
  });

  it('says all that is wrong at once', () => {
    expect(hostProblems(installing, { user: 'other', missing })).toEqual([
      expect.stringContaining('needs root'),
      expect.stringContaining('only root may install them: libvirt-daemon qemu-utils'),
    ]);
  });

  it('needs no libvirt of its own, and no root, for one that is named', () => {
    const [problem, ...more] = hostProblems({ ...named, uri: 'qemu:///system' }, { user: 'other', missing });
    expect(more).toEqual([]);
    expect(problem).toContain('missing: qemu-utils.');
  });
});
