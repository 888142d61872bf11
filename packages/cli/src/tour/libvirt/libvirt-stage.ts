import { access, chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompute, type DriverLog } from '@virtkit/core';
import { libvirtDriver } from '@virtkit/driver-libvirt';
import { leftovers, startPrivateLibvirtd } from '@virtkit/libvirt-testbed';
import { removeInstances } from '../remove-instances.js';
import type { Stage, StageWords } from '../stage.js';
import type { LibvirtTourChoice } from '../tour-choice.js';
import { CleanUp } from './clean-up.js';
import { guestFiles } from './guest-files.js';
import { prepareHost } from './prepare-host.js';

export interface LibvirtStageOptions {
  readonly log: DriverLog;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Others may pass through to what is theirs, and not look around. */
const DIRECTORY_MODE = 0o711;

/** When the tour is broken off, what runs then need not come to its end. */
const DRAIN_MS = 5_000;

/**
 * A real guest under libvirt. All files are in one new directory, of which nothing is left when this rejects or is closed.
 * @throws Error that says what this machine lacks; the reason of an aborted signal
 */
export async function openLibvirtStage(choice: LibvirtTourChoice, options: LibvirtStageOptions): Promise<Stage> {
  await prepareHost(choice, options);
  const cleanUp = new CleanUp();
  try {
    return await stageOn(choice, options, cleanUp);
  } catch (failure) {
    for (const each of await cleanUp.run()) options.note(each);
    throw failure;
  }
}

async function stageOn(choice: LibvirtTourChoice, options: LibvirtStageOptions, cleanUp: CleanUp): Promise<Stage> {
  const { log, note, signal } = options;
  const directory = await mkdtemp(join(tmpdir(), 'virtkit-tour-'));
  cleanUp.defer(`the directory ${directory}`, () => rm(directory, { recursive: true, force: true }));
  const images = join(directory, 'images');
  await mkdir(images);
  for (const each of [directory, images]) await chmod(each, DIRECTORY_MODE);

  const uri = choice.uri ?? (await privateLibvirtd(join(directory, 'libvirt'), options, cleanUp));
  const host = `compute-${hostname()}`;
  const configuration = {
    uri,
    stateDirectory: join(directory, 'instances'),
    imageDirectories: [images],
    // Every machine can emulate, and the tour's guest is small enough for that.
    virtType: 'qemu',
  };
  const driver = { name: libvirtDriver.name, configuration };
  const compute = await createCompute({
    host,
    log,
    drainMs: DRAIN_MS,
    // There is one tenant, and it is the tour itself.
    access: { hostResources: 'everybody' },
    drivers: [libvirtDriver],
    driver,
  });
  cleanUp.defer('the compute manager', () => compute.close());
  // The guests of a private libvirtd end with it, even when it does not answer any more.
  if (choice.uri !== undefined) cleanUp.defer('the instance', () => removeInstances(compute));

  note('Preparing the guest: a Linux kernel and a shell (the kernel is downloaded the first time) ...');
  const files = await guestFiles(images, { signal });
  let closing: Promise<readonly string[]> | undefined;
  const close = async (): Promise<readonly string[]> => [...(await cleanUp.run()), ...(await leftIn(directory))];
  return {
    compute,
    request: {
      name: 'web-1',
      flavor: { name: 'tiny', vcpus: 1, memoryMib: 128, rootDiskGib: 1 },
      image: { id: 'tour-guest', name: 'Linux and a shell', location: files.location },
      networkInterfaces: [
        { type: 'user', id: '5f0c2a7e-4c3b-4b8e-9a55-0d6f7d1f0001', macAddress: '52:54:00:5f:00:01' },
      ],
    },
    words: stageWords(choice),
    hostWords: [host, files.kernelPath],
    bootedLine: /^GUEST-UP /u,
    breakStart: files.takeKernelAway,
    mendStart: files.putKernelBack,
    close: () => (closing ??= close()),
  };
}

async function privateLibvirtd(
  directory: string,
  { note, signal }: LibvirtStageOptions,
  cleanUp: CleanUp,
): Promise<string> {
  note('Starting a libvirtd of its own, apart from any other on this machine ...');
  const daemon = await startPrivateLibvirtd({ directory, signal });
  cleanUp.defer('the private libvirtd', () => daemon.stop());
  return daemon.uri;
}

async function leftIn(directory: string): Promise<readonly string[]> {
  const isThere = await access(directory).then(
    () => true,
    () => false,
  );
  return [...(isThere ? [`directory ${directory}`] : []), ...(await leftovers(directory))];
}

function stageWords({ uri }: LibvirtTourChoice): StageWords {
  return {
    hypervisor: `a real one, emulated by QEMU under ${uri === undefined ? 'a private libvirtd' : 'the libvirtd you named'}`,
    failure: "Somebody moves the guest's kernel away from its place on the host, and QEMU cannot start it.",
    healing: 'The kernel is back in its place.',
    afterwards:
      uri === undefined
        ? 'No guest, libvirtd, other process, tap device, mount or directory of this tour is left on this machine.'
        : 'No guest, process or directory of this tour is left on this machine; the libvirtd goes on as before.',
  };
}
