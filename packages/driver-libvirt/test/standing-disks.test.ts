import { describe, expect, it } from 'vitest';
import { definedDisks, diskSource, diskTarget } from '../src/domain-xml/defined-disks.js';
import { domainXml } from '../src/domain-xml/domain-xml.js';
import { renderXml } from '../src/domain-xml/render-xml.js';
import { rootDiskXml } from '../src/domain-xml/root-disk-xml.js';
import { wasBooted } from '../src/guest/was-booted.js';
import { areOwnDisks, strayDisk } from '../src/start/standing-disks.js';
import { instanceSpec } from './support/instance-spec.js';

const spec = instanceSpec();
const own = [rootDiskXml('/state/disk', spec.image)];

function domain(...disks: readonly string[]): string {
  const impostor = `<app:x xmlns:app='urn:x'><devices><disk><source file='/etc/shadow'/></disk></devices></app:x>`;
  return `<domain><metadata>${impostor}</metadata><devices><emulator>/q</emulator>${disks.join('')}</devices></domain>`;
}

const file = (path: string, target = 'vda', device = 'disk') =>
  `<disk type='file' device='${device}'><driver name='qemu' type='qcow2'/><source file='${path}'/><target dev='${target}' bus='virtio'/></disk>`;

const layered = `<disk type='file' device='disk'>
  <driver name='qemu' type='qcow2' cache='writeback' discard='unmap'/>
  <source file='/state/a &amp; b &lt;c&gt;/disk.s1'><encryption format='luks'><secret type='passphrase' uuid='1'/></encryption></source>
  <backingStore type='file'><format type='qcow2'/><source file='/state/disk'/></backingStore>
  <target dev='vda' bus='virtio'/>
  <serial>00012</serial>
  <boot order='1'/>
  <readonly/>
  <alias name='ua-root'/>
</disk>`;

describe('the disks of a definition', () => {
  it('are those of the devices, and nothing that looks like one elsewhere', () => {
    expect(definedDisks(domain(file('/state/disk'))).map(diskSource)).toEqual(['/state/disk']);
    expect(definedDisks(domain())).toEqual([]);
  });

  it('are written again as they were read, texts and all', () => {
    const disks = definedDisks(domain(layered));
    const again = definedDisks(renderXml({ domain: { devices: { disk: disks } } }));
    expect(again).toEqual(disks);
    expect(again.map(diskSource)).toEqual(['/state/a & b <c>/disk.s1']);
    expect(again.map(diskTarget)).toEqual(['vda']);
    expect(renderXml({ disk: disks })).toContain('<serial>00012</serial>');
  });

  it('can be read from what this driver writes', () => {
    const xml = domainXml(spec, { virtType: 'qemu', machine: 'pc' }, { disks: own, consoleLog: '/state/log' });
    expect(areOwnDisks(definedDisks(xml), own)).toBe(true);
  });

  it.each([
    ['a layer over it', [file('/state/disk.s1')]],
    ['a copy elsewhere', [file('/elsewhere/disk')]],
    ['a second disk', [file('/state/disk'), file('/other', 'vdb')]],
    ['a disk of the network', [`<disk type='network'><source protocol='nbd' name='x'/><target dev='vda'/></disk>`]],
    ['a block device', [`<disk type='block'><source dev='/dev/x'/><target dev='vda'/></disk>`]],
    ['an empty drive', [`<disk type='file' device='cdrom'><target dev='hdc'/></disk>`]],
  ])('are not the own ones with %s', (_what, disks) => {
    expect(areOwnDisks(definedDisks(domain(...disks)), own)).toBe(false);
  });

  it('are the own ones when there is none: the definition has lost them', () => {
    expect(areOwnDisks([], own)).toBe(true);
  });
});

describe('a running guest and its next start', () => {
  const stray = (present: readonly string[], next: readonly string[]) =>
    strayDisk(definedDisks(domain(...present)), definedDisks(domain(...next)));

  it('agree on the same file, and on the same source that is numbered while it runs', () => {
    expect(stray([file('/a')], [file('/a')])).toBeUndefined();
    const nbd = (index: string) =>
      `<disk type='network'><source protocol='nbd' name='x'${index}><host name='h'/></source><target dev='vda'/></disk>`;
    expect(stray([nbd(" index='3'")], [nbd('')])).toBeUndefined();
  });

  it('disagree on another file, also when the next one has none', () => {
    const expected = { target: 'vda', runsOn: '/a.s1', wouldStartFrom: '/a' };
    expect(stray([file('/a.s1')], [file('/a')])).toEqual(expected);
    const without = `<disk type='file' device='disk'><target dev='vda'/></disk>`;
    expect(stray([file('/a.s1')], [without])).toEqual({ ...expected, wouldStartFrom: undefined });
  });

  it('need not agree on a medium, nor on a disk that was attached until the next start', () => {
    expect(stray([file('/cd', 'hdc', 'cdrom')], [file('/other', 'hdc', 'cdrom')])).toBeUndefined();
    expect(stray([file('/a'), file('/b', 'vdb')], [file('/a')])).toBeUndefined();
  });
});

describe('a guest that was started from saved memory', () => {
  const look = (powerState: 'PAUSED' | 'RUNNING' | 'SHUTDOWN', reason: number) =>
    wasBooted({ presence: 'present', powerState, savedMemory: 'absent', reason, life: 1 });

  it.each([
    ['PAUSED', 1],
    ['RUNNING', 1],
  ] as const)('was booted when it is %s with reason %i', (powerState, reason) => {
    expect(look(powerState, reason)).toBe(true);
  });

  it.each([
    ['PAUSED', 2],
    ['RUNNING', 3],
    ['PAUSED', 99],
    ['RUNNING', 99],
    ['SHUTDOWN', 1],
  ] as const)('is never taken for booted when it is %s with reason %i', (powerState, reason) => {
    expect(look(powerState, reason)).toBe(false);
  });
});
