import { describe, expect, it } from 'vitest';
import { startPrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { mentions } from '../src/daemon/testbed-processes.js';

describe('startPrivateLibvirtd refuses, before it touches anything,', () => {
  it.each([
    ['a directory whose socket path is too long', `/tmp/${'a'.repeat(90)}`, /at most 107/],
    ['a directory that cannot be written into a command plainly', '/tmp/with space', /letters, digits/],
    ['a directory that its own mounts would hide', '/var/lib/libvirt/testbed', /below \/var\/lib\/libvirt/],
  ])('%s', async (_, directory, reason) => {
    await expect(startPrivateLibvirtd({ directory })).rejects.toThrow(reason);
  });

  it('a host uuid that is none', async () => {
    await expect(startPrivateLibvirtd({ directory: '/tmp/x', hostUuid: 'mine' })).rejects.toThrow(/hostUuid "mine"/);
  });
});

describe('a directory is mentioned', () => {
  it('by its own path and by paths below it, not by a sibling that begins alike', () => {
    expect(mentions('-serial file:/tmp/bed/a.log', '/tmp/bed')).toBe(true);
    expect(mentions('cd /tmp/bed', '/tmp/bed')).toBe(true);
    expect(mentions('/tmp/bed2/a /tmp/bed', '/tmp/bed')).toBe(true);
    expect(mentions('/tmp/bed2/a /tmp/bed-3/b', '/tmp/bed')).toBe(false);
  });
});
