import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { ComputeError, type Image, type ImageProblem, type OperatorFacts } from '@virtkit/core/driver';
import { isMissing } from './is-missing.js';

/** Where the files of an image really are, all of them inside the image directories. */
export interface AcceptedImage {
  readonly disk?: string;
  readonly kernel?: string;
  readonly ramdisk?: string;
}

/**
 * Follows every link in the image's locations and accepts only what lies inside the directories, so that no record can
 * make the host's other files readable to a guest. A missing file is accepted if its directory is: that it is missing is
 * said by {@link requireImageFiles} or by the hypervisor.
 * @throws ComputeError `IMAGE_UNACCEPTABLE`, `INVALID_INPUT`
 */
export async function acceptedImage(image: Image, directories: readonly string[]): Promise<AcceptedImage> {
  const { disk, kernel, ramdisk } = image.location;
  if (disk === undefined && kernel === undefined) {
    throw new ComputeError('INVALID_INPUT', {
      field: 'image.location',
      value: 'empty',
      accepted: 'a disk or a kernel',
    });
  }
  const accept = async (path: string) => acceptedFile(path, image, directories);
  return {
    ...(disk === undefined ? {} : { disk: await accept(disk) }),
    ...(kernel === undefined ? {} : { kernel: await accept(kernel) }),
    ...(kernel === undefined || ramdisk === undefined ? {} : { ramdisk: await accept(ramdisk) }),
  };
}

/** @throws ComputeError `IMAGE_NOT_FOUND` when one of the files is not there, `IMAGE_UNACCEPTABLE` when it is empty or no file */
export async function requireImageFiles(image: Image, accepted: AcceptedImage): Promise<void> {
  for (const path of [accepted.disk, accepted.kernel, accepted.ramdisk]) {
    if (path === undefined) continue;
    const found = await stat(path).catch((cause: unknown) => {
      throw isMissing(cause) ? notFound(image, path, cause) : cause;
    });
    if (!found.isFile()) throw unacceptable(image, 'format', { path });
    if (found.size === 0) throw unacceptable(image, 'empty', { path });
  }
}

async function acceptedFile(path: string, image: Image, directories: readonly string[]): Promise<string> {
  const real = isAbsolute(path) ? await realPlace(path) : undefined;
  if (real !== undefined) {
    for (const directory of directories) {
      if (isInside(real, await realpath(directory))) return real;
    }
  }
  throw unacceptable(image, 'outside the image directories', { path, realPath: real, imageDirectories: directories });
}

function unacceptable(image: Image, reason: ImageProblem, operator: OperatorFacts): ComputeError {
  return new ComputeError('IMAGE_UNACCEPTABLE', { imageId: image.id, reason }, { operator });
}

/** The path without links, also when its last part is not there; `undefined` when not even its directory is. */
async function realPlace(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (failure) {
    if (!isMissing(failure)) throw failure;
  }
  try {
    return join(await realpath(dirname(path)), basename(path));
  } catch (failure) {
    if (isMissing(failure)) return undefined;
    throw failure;
  }
}

function isInside(path: string, directory: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}

function notFound(image: Image, path: string, cause: unknown): ComputeError {
  return new ComputeError('IMAGE_NOT_FOUND', { imageId: image.id }, { cause, operator: { path } });
}
