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
  /** Of the call that attached it; `null` for one that its instance was created with. */
  idempotencyKey: z.string().nullable(),
});

const allocation = z.strictObject({
  instanceUuid: z.string(),
  projectId: z.string(),
  host: z.string(),
  interfaces: z.array(allocatedInterface),
});

const document = z.strictObject({ version: z.literal(1), allocations: z.array(allocation) });

export type AllocatedInterface = z.output<typeof allocatedInterface>;
/** What one instance has. */
export type Allocation = z.output<typeof allocation>;

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
  async read(): Promise<Map<string, Allocation>> {
    await removeNewFiles(this.#directory, recordName);
    try {
      const { allocations } = document.parse(JSON.parse(await readFile(this.#path, 'utf8')));
      return new Map(allocations.map((each) => [each.instanceUuid, each]));
    } catch (cause) {
      if (isMissing(cause)) return new Map();
      if (!(cause instanceof SyntaxError || cause instanceof z.ZodError)) throw cause;
      const operator = { message: 'the allocations cannot be read', path: this.#path };
      throw new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator, effect: 'none' });
    }
  }

  /** Afterwards they are on disk. */
  async write(allocations: Iterable<Allocation>): Promise<void> {
    const lines = [...allocations].map((each) => JSON.stringify(each));
    await writeDurably(this.#path, `{"version":1,"allocations":[\n${lines.join(',\n')}\n]}\n`);
  }
}
