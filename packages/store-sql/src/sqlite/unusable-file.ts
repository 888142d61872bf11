import { ComputeError } from '@virtkit/core/store';

/** The file that the configuration names is not one this release can keep records in. Nothing in it has been changed. */
export function unusableFile(path: string, problem: string, accepted: string): ComputeError<'INVALID_CONFIGURATION'> {
  return new ComputeError('INVALID_CONFIGURATION', { field: 'path', value: `${path}, ${problem}`, accepted });
}
