import { writeFile } from 'node:fs/promises';
import type { InstanceSpec } from '@virtkit/core/driver';
import { CallFence } from '../call-fence.js';
import type { RunningCall } from '../driver-calls.js';
import { acceptedImage, requireImageFiles } from '../files/accepted-image.js';
import { createRootDisk, planRootDisk } from '../files/root-disk.js';
import { refuseOtherGeneration } from './refuse-other-generation.js';
import type { StartContext } from './start-context.js';
import { inSteps } from './steps.js';

/** A console shows what its tenant types and reads. */
const LOG_MODE = 0o600;

/**
 * Makes the files of a new instance: its directory, its root disk if it has one, and its console log, which belongs to
 * this process from the start because libvirt's log daemon would make it unreadable for us. On failure none is left.
 * @throws ComputeError before anything has changed: `IMAGE_NOT_FOUND`, `IMAGE_UNACCEPTABLE`, `FLAVOR_TOO_SMALL`,
 * `INSTANCE_EXISTS`
 */
export async function createInstanceFiles(
  context: StartContext,
  instance: InstanceSpec,
  { signal }: RunningCall,
): Promise<void> {
  const { uuid, image, flavor } = instance;
  const { configuration } = context;
  const accepted = await acceptedImage(image, configuration.imageDirectories);
  await requireImageFiles(image, accepted);
  const command = { timeoutMs: configuration.timeouts.imageMs, signal };
  const plan = await planRootDisk(image, flavor, accepted, command);
  const directory = context.directoryOf(uuid);
  await directory.create(instance.generation).catch(async (failure: unknown) => {
    if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
    // What is there may be a disk that was kept on purpose: only what this very spawn has begun is gone on with.
    refuseOtherGeneration(instance, await directory.generation());
  });
  await inSteps(async (steps) => {
    steps.taken('make the directory', () => directory.remove());
    await CallFence.pass();
    await writeFile(directory.consoleLog, '', { mode: LOG_MODE });
    // The disk is under its name only once it is complete.
    if (plan !== undefined && !(await directory.hasRootDisk())) await createRootDisk(directory, plan, command);
  });
}
