import { join } from 'node:path';
import { ComputeError } from '@virtkit/core/providers';
import { z } from 'zod';
import { writeDurably } from '../directory/durable-file.js';
import { isMissing } from '../directory/is-missing.js';
import { DamagedRecord, readRecord } from '../directory/read-record.js';
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

/** All instances of a host are in one record, some 400 bytes each: this is enough for more than 100,000. */
const BYTES_MAX = 64 * 1024 ** 2;

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
      const record = await readRecord(this.#path, { schema: document, bytesMax: BYTES_MAX });
      const { allocations, endedReservations = [] } = record;
      return { byInstance: new Map(allocations.map((each) => [each.instanceUuid, each])), endedReservations };
    } catch (cause) {
      if (isMissing(cause)) return { byInstance: new Map(), endedReservations: [] };
      if (!(cause instanceof DamagedRecord)) throw cause;
      const operator = { message: `the allocations cannot be read: ${cause.message}`, path: this.#path };
      throw new ComputeError('STORE_UNAVAILABLE', {}, { cause, operator, effect: 'none' });
    }
  }

  /** Afterwards they are on disk. More than can be read again is not written. @throws ComputeError `INSUFFICIENT_RESOURCES` */
  async write({ byInstance, endedReservations }: Allocations): Promise<void> {
    const lines = [...byInstance.values()].map((each) => JSON.stringify(each));
    const ended = endedReservations.length > 0 ? `,"endedReservations":${JSON.stringify(endedReservations)}` : '';
    const text = `{"version":1,"allocations":[\n${lines.join(',\n')}\n]${ended}}\n`;
    if (Buffer.byteLength(text) > BYTES_MAX) {
      const operator = { message: `the allocations need more than ${BYTES_MAX} bytes`, path: this.#path };
      throw new ComputeError('INSUFFICIENT_RESOURCES', { resource: 'disk' }, { operator, effect: 'none' });
    }
    await writeDurably(this.#path, text);
  }
}
