import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ComputeError } from '@virtkit/core/providers';
import { z } from 'zod';
import { writeDurably } from '../directory/durable-file.js';
import { isMissing } from '../directory/is-missing.js';
import { removeNewFiles } from '../directory/remove-new-files.js';

const allocatedInterface = z.strictObject({
  id: z.string(),
  networkId: z.string(),
  macAddress: z.string(),
  /** The reservation under which it was allocated or attached; `null` for one that was allocated before reservations had names. */
  idempotencyKey: z.string().nullable(),
});

const allocation = z.strictObject({
  instanceUuid: z.string(),
  // Left out in records that were made before instances had builds.
  buildUuid: z.string().optional(),
  projectId: z.string(),
  host: z.string(),
  interfaces: z.array(allocatedInterface),
});

const document = z.strictObject({
  version: z.literal(1),
  allocations: z.array(allocation),
  /** The latest reservations that have ended, the last one last. Left out: none is known. */
  endedReservations: z.array(z.string()).optional(),
});

export type AllocatedInterface = z.output<typeof allocatedInterface>;
/** What one instance has. */
export type Allocation = z.output<typeof allocation>;

/** What the file says. */
export interface Allocations {
  readonly byInstance: ReadonlyMap<string, Allocation>;
  readonly endedReservations: readonly string[];
}

const recordName = 'network-allocations.json';

/** Who has which interface, in one JSON file that is written as a whole. */
export class AllocationFile {
  readonly #directory: string;
  readonly #path: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, recordName);
  }

  /** All allocations by instance; none when the file was never written. Removes what a killed process left of it. */
  async read(): Promise<Allocations> {
    await removeNewFiles(this.#directory, recordName);
    try {
      const { allocations, endedReservations = [] } = document.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return { byInstance: new Map(allocations.map((each) => [each.instanceUuid, each])), endedReservations };
    } catch (cause) {
      if (isMissing(cause)) return { byInstance: new Map(), endedReservations: [] };
      if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
      const operator = { message: 'the allocations cannot be read', path: this.#path };
      throw new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator, effect: 'none' });
    }
  }

  /** Afterwards they are on disk. */
  async write({ byInstance, endedReservations }: Allocations): Promise<void> {
    const lines = [...byInstance.values()].map((each) => JSON.stringify(each));
    const ended = endedReservations.length > 0 ? `,"endedReservations":${JSON.stringify(endedReservations)}` : '';
    await writeDurably(this.#path, `{"version":1,"allocations":[\n${lines.join(',\n')}\n]${ended}}\n`);
  }
}
