import { writeFile } from 'node:fs/promises';
import { ComputeError, type InstanceSpec } from '@virtkit/core/driver';
import type { RunningCall } from '../driver-calls.js';
import { acceptedImage, requireImageFiles } from '../files/accepted-image.js';
import { createRootDisk, planRootDisk } from '../files/root-disk.js';
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
  { uuid, image, flavor }: InstanceSpec,
  { signal }: RunningCall,
): Promise<void> {
  const { configuration } = context;
  const accepted = await acceptedImage(image, configuration.imageDirectories);
  await requireImageFiles(image, accepted);
  const command = { timeoutMs: configuration.timeouts.imageMs, signal };
  const plan = await planRootDisk(image, flavor, accepted, command);
  const directory = context.directoryOf(uuid);
  await directory.create().catch((failure: unknown) => {
    throw alreadyThere(uuid, directory.path, failure);
  });
  await inSteps(async (steps) => {
    steps.taken('make the directory', () => directory.remove());
    await writeFile(directory.consoleLog, '', { mode: LOG_MODE });
    if (plan !== undefined) await createRootDisk(directory, plan, command);
  });
}

/** What is there may be a disk that was kept on purpose: it is neither used nor overwritten. */
function alreadyThere(instanceUuid: string, path: string, cause: unknown): unknown {
  if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') return cause;
  const operator = { message: 'the instance directory is there already; destroy removes it', path };
  return new ComputeError('INSTANCE_EXISTS', { instanceUuid }, { cause, operator });
}
