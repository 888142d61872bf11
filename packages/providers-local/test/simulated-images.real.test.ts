import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { FakeStorage } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { TemporaryDirectory } from './support/temporary-directory.js';

const run = promisify(execFile);
const content = { origin: 'debian', generation: 1, written: ['a', 'b'] };

describe('an image that the simulator has written', () => {
  it.each([
    ['qcow2', 1],
    ['qcow2', 20_480],
    ['qcow2', 8_388_608],
    ['raw', 1_024],
  ] as const)(
    'is a whole %s of %i MiB for its owner alone, and takes no space to speak of',
    async (format, sizeMib) => {
      await using directory = await TemporaryDirectory.make();
      const path = directory.at('image');
      const storage = new FakeStorage();
      storage.writeImage({ path, format }, { sizeMib, content });
      const info = JSON.parse((await run('qemu-img', ['info', '--output=json', '-f', format, path])).stdout) as object;
      expect(info).toMatchObject({ format, 'virtual-size': sizeMib * 1024 ** 2 });
      if (format === 'qcow2') await run('qemu-img', ['check', '-f', 'qcow2', path]);
      const { mode, blocks } = await stat(path);
      expect(mode & 0o777).toBe(0o600);
      expect(blocks * 512).toBeLessThan(1024 ** 2);
      // Another simulator reads it, as after a restart.
      expect(new FakeStorage().imageContent(path)).toEqual(content);
      storage.removeFile(path);
      expect(await readdir(directory.at('.'))).toEqual([]);
    },
  );
});
