import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '@virtkit/core/driver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandError } from '../src/errors/command-error.js';
import { acceptedImage, requireImageFiles } from '../src/files/accepted-image.js';
import { readConsoleLog } from '../src/files/console-log.js';
import { InstanceDirectory } from '../src/files/instance-directory.js';
import { limitedCommand } from '../src/files/limited-command.js';
import { instanceSpec } from './support/instance-spec.js';
import { rejectionOf } from './support/readers.js';

const uuid = '11111111-2222-4333-8444-555555555555';
let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'vk-files-')));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('an instance directory', () => {
  it.each(['', '..', '../../etc', `${uuid}/..`, uuid.toUpperCase().replace('1', 'A'), `${uuid}\n`, 'web-1'])(
    'is not made of %j',
    (hostile) => {
      expect(() => new InstanceDirectory('/state', hostile)).toThrow(/uuid is .*; accepted: a uuid in lower case/su);
    },
  );

  it('can be entered by QEMU and listed by nobody else', async () => {
    const directory = new InstanceDirectory(root, uuid);
    await directory.create();
    expect((await stat(directory.path)).mode & 0o777).toBe(0o711);
  });

  it('is made once, and again only while nothing is in it', async () => {
    const directory = new InstanceDirectory(root, uuid);
    await directory.create();
    await directory.create('generation-1');
    await expect(directory.create('generation-1')).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('tells of which generation its files are, as long as there are any', async () => {
    const directory = new InstanceDirectory(root, uuid);
    expect(await directory.generation()).toBeUndefined();
    await directory.create();
    expect(await directory.generation(), 'a spawn was cut off at it').toBeUndefined();
    await writeFile(directory.rootDisk, '');
    expect(await directory.generation(), 'from before there were generations').toBeNull();
    await directory.ensure('generation-1');
    expect(await directory.generation()).toBe('generation-1');
    await directory.removeAllButDisk();
    expect(await directory.generation()).toBe('generation-1');
    await directory.remove();
    expect(await directory.generation()).toBeUndefined();
  });

  it('tells what is in it and keeps the disk when it is to', async () => {
    const directory = new InstanceDirectory(root, uuid);
    expect(await directory.belongings()).toEqual([]);
    await directory.create();
    await writeFile(directory.rootDisk, '');
    await writeFile(`${directory.consoleLog}.0`, '');
    expect(await directory.belongings()).toEqual(['instance directory', 'disk', 'console log']);
    await directory.removeAllButDisk();
    expect(await readdir(directory.path)).toEqual(['disk']);
    await directory.remove();
    await directory.remove();
    expect(await directory.belongings()).toEqual([]);
  });

  it('removes a link and not what it points to', async () => {
    await mkdir(join(root, 'precious'));
    await symlink(join(root, 'precious'), join(root, uuid));
    await new InstanceDirectory(root, uuid).remove();
    expect(await readdir(root)).toEqual(['precious']);
  });
});

describe('an image', () => {
  let images: string;
  const image = (location: Image['location']): Image => ({ ...instanceSpec().image, location });

  beforeEach(async () => {
    images = join(root, 'images');
    await mkdir(images);
    await writeFile(join(images, 'disk.qcow2'), '');
    await writeFile(join(root, 'shadow'), '');
  });

  it('is taken from the image directories', async () => {
    const disk = join(images, 'disk.qcow2');
    expect(await acceptedImage(image({ disk }), [images])).toEqual({ disk });
  });

  it('may lie in a directory that is a link', async () => {
    await symlink(images, join(root, 'link'));
    const accepted = await acceptedImage(image({ disk: join(root, 'link', 'disk.qcow2') }), [join(root, 'link')]);
    expect(accepted).toEqual({ disk: join(images, 'disk.qcow2') });
  });

  it.each([
    ['elsewhere', () => join(root, 'shadow')],
    ['above', () => `${images}/../shadow`],
    ['next to a directory with the same beginning', () => `${images}-of-others/disk`],
    ['behind a link', async () => symlink(join(root, 'shadow'), join(images, 'link')).then(() => join(images, 'link'))],
    ['at a relative path', () => 'images/disk.qcow2'],
    ['where the directory itself is', () => images],
    ['behind what QEMU takes for a protocol', () => 'nbd://canary-host/disk'],
  ])('is refused %s', async (_where, place) => {
    const location = { disk: await place() };
    const failure = await rejectionOf(acceptedImage(image(location), [images]), 'IMAGE_UNACCEPTABLE');
    expect(failure.details.reason).toBe('outside the image directories');
    expect(failure.message).not.toContain('/');
  });

  it('that is not there is accepted where it would be, and missed by whoever needs it', async () => {
    const location = { disk: join(images, 'later.qcow2') };
    const accepted = await acceptedImage(image(location), [images]);
    expect(accepted).toEqual(location);
    await rejectionOf(requireImageFiles(image(location), accepted), 'IMAGE_NOT_FOUND');
  });

  it('without disk and kernel is refused', async () => {
    await rejectionOf(acceptedImage(image({}), [images]), 'INVALID_INPUT');
  });
});

describe('a console log', () => {
  it('is read from its end, over rotated files', async () => {
    const path = join(root, 'console.log');
    expect(await readConsoleLog(path, 100)).toHaveLength(0);
    await writeFile(`${path}.1`, 'oldest ');
    await writeFile(`${path}.0`, 'older ');
    await writeFile(path, 'newest');
    expect(Buffer.from(await readConsoleLog(path, 100)).toString()).toBe('oldest older newest');
    expect(Buffer.from(await readConsoleLog(path, 9)).toString()).toBe('er newest');
    expect(await readConsoleLog(path, 0)).toHaveLength(0);
  });
});

describe('a limited command', () => {
  const limits = { timeoutMs: 20_000 };

  it('gives what the program prints, and no shell a word', async () => {
    expect(await limitedCommand('printf', ['%s', '$(id); `id`'], limits)).toBe('$(id); `id`');
  });

  it.each([
    ['missing', 'vk-no-such-program', [], limits],
    ['failed', 'sh', ['-c', 'echo canary >&2; exit 3'], limits],
    ['timeout', 'sleep', ['60'], { timeoutMs: 50 }],
    ['aborted', 'sleep', ['60'], { timeoutMs: 20_000, signal: AbortSignal.timeout(50) }],
  ] as const)('says %s when that is so', async (problem, program, args, options) => {
    const failure: unknown = await limitedCommand(program, args, options).catch((reason: unknown) => reason);
    expect(failure).toBeInstanceOf(CommandError);
    expect((failure as CommandError).problem).toBe(problem);
  });

  it('has not more memory than it is given', async () => {
    const script = join(root, 'limits');
    await writeFile(script, '#!/bin/sh\nulimit -v; ulimit -t; ulimit -c\n');
    await chmod(script, 0o755);
    const [kib, seconds, core] = (await limitedCommand(script, [], limits)).trim().split('\n');
    expect([kib, seconds, core]).toEqual([String(1024 ** 2), '30', '0']);
    expect(execFileSync('sh', ['-c', 'ulimit -v']).toString().trim()).not.toBe(kib);
  });
});
