import type { ComputeOptions } from '@virtkit/core';

/** What a process is asked to open. */
export interface OpenRequest {
  /** Whose managers. */
  readonly hosts: readonly string[];
  /** `null`: the records are in another process. */
  readonly storePath: string | null;
  readonly session?: NonNullable<ComputeOptions['session']>;
  /** Whether it tells when the fence has let something pass. */
  readonly points?: 'fence too' | 'without the fence';
}
