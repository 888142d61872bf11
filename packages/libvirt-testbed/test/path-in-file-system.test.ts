import { describe, expect, it } from 'vitest';
import { pathInFileSystem } from '../src/daemon/path-in-file-system.js';

const machine = '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n23 22 0:5 / /proc rw - proc proc rw\n';

describe('the path of a directory in its file system', () => {
  it.each([
    ['is its own on the root of a machine', machine, '/tmp/vk-1', '/tmp/vk-1'],
    ['starts at its mount point', `${machine}30 22 0:9 / /tmp rw - tmpfs tmpfs rw\n`, '/tmp/vk-1', '/vk-1'],
    [
      'starts at the nearest',
      `${machine}30 22 0:9 / /t rw - tmpfs t rw\n31 30 0:10 / /t/u rw - tmpfs u rw\n`,
      '/t/u/v',
      '/v',
    ],
    [
      'is no matter of a name alike',
      `${machine}30 22 0:9 / /tmp rw - tmpfs tmpfs rw\n`,
      '/tmpfiles/vk-1',
      '/tmpfiles/vk-1',
    ],
    [
      'is longer in a container on a directory',
      '30 1 254:0 /srv/place / rw - ext4 /dev/vda rw\n',
      '/tmp/vk-1',
      '/srv/place/tmp/vk-1',
    ],
    ['is longer on a subvolume', '30 1 0:9 /@ / rw - btrfs /dev/vda rw\n', '/tmp/vk-1', '/@/tmp/vk-1'],
    [
      'has the later of two mounts on one point',
      `${machine}30 22 0:9 / /tmp rw - tmpfs a rw\n31 22 254:0 /x /tmp rw - ext4 b rw\n`,
      '/tmp/vk-1',
      '/x/vk-1',
    ],
    ['has its spaces', '30 1 254:0 /a\\040place / rw - ext4 /dev/vda rw\n', '/tmp/a b', '/a place/tmp/a b'],
    [
      'is the root of a mount itself',
      `${machine}30 22 254:0 /kept /tmp/vk-1 rw - ext4 /dev/vda rw\n`,
      '/tmp/vk-1',
      '/kept',
    ],
  ])('%s', (_what, mountinfo, directory, path) => {
    expect(pathInFileSystem(mountinfo, directory)).toBe(path);
  });
});
