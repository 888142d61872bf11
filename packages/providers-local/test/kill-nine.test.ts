import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { LocalImages, LocalNetworks, LocalVolumes } from '@virtkit/providers-local';
import { describe, expect, it } from 'vitest';
import { TemporaryDirectory } from './support/temporary-directory.js';

interface Told {
  readonly what: 'open' | 'chunk' | 'image' | 'allocation' | 'volume' | 'connection' | 'deletion';
  readonly id?: string;
}

/** Fills a directory in a process of its own, which is killed as it tells its nth message. Resolves with all that it told. */
async function killedAt(nth: number, directory: string): Promise<readonly Told[]> {
  const child = fork(fileURLToPath(new URL('support/killed-process.mjs', import.meta.url)), [directory]);
  const told: Told[] = [];
  child.on('message', (message: Told) => {
    told.push(message);
    if (told.length === nth) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect([code, signal], JSON.stringify(told)).toEqual([null, 'SIGKILL']);
  return told;
}

describe('a process that is killed', () => {
  it.each(Array.from({ length: 14 }, (_, index) => index + 1))(
    'at its message %i leaves a directory with all that was promised and nothing half',
    async (nth) => {
      await using directory = await TemporaryDirectory.make();
      const told = await killedAt(nth, directory.path);
      const idsOf = (what: Told['what']) => told.filter((each) => each.what === what).map(({ id }) => id!);

      const images = await LocalImages.open({ directory: directory.path, isInUse: async () => false });
      await using networks = await LocalNetworks.open({
        directory: directory.path,
        networks: [{ id: 'outside', type: 'user' }],
      });
      await using volumes = await LocalVolumes.open({ directory: directory.path, hosts: ['host-1'] });
      expect(await readdir(directory.at('images.unfinished'))).toEqual([]);
      expect(await readdir(directory.at('volumes.unfinished'))).toEqual([]);
      expect((await readdir(directory.path)).filter((name) => name.endsWith('.new'))).toEqual([]);

      const listed = (await images.listImages({})).map(({ id }) => id);
      expect(await readdir(directory.at('images'))).toHaveLength(listed.length);
      for (const id of listed) expect((await images.getImage(id, { projectId: 'acme' })).id).toBe(id);
      const deleted = idsOf('deletion');
      // What was asked last may have happened without its answer.
      const kept = idsOf('image').filter((id) => !deleted.includes(id));
      if (told.at(-1)?.what !== 'connection') expect(listed).toEqual(expect.arrayContaining(kept));
      for (const id of deleted) expect(listed).not.toContain(id);

      for (const uuid of idsOf('allocation'))
        expect(await networks.interfacesOf({ instanceUuid: uuid })).toHaveLength(1);
      for (const id of idsOf('volume')) expect((await volumes.getVolume(id, { projectId: 'acme' })).sizeMib).toBe(8);
      for (const id of idsOf('connection')) {
        const { attachment } = await volumes.getVolume(id, { projectId: 'acme' });
        expect(attachment?.hosts).toEqual(['host-1']);
      }
    },
  );
});
