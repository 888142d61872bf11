import { join } from 'node:path';
import { type DriverLog, suppress } from '@virtkit/core/driver';
import { ComputeError } from '@virtkit/core/providers';
import { writeDurably } from '../directory/durable-file.js';
import { FolderShelf } from '../directory/folder-shelf.js';
import { isThere } from '../directory/is-missing.js';
import { removeNewFiles } from '../directory/remove-new-files.js';
import { type StoredVolume, readStoredVolume, storedVolumeText, volumeRecordName } from './stored-volume.js';

/** All volumes of a directory: on disk, and the same in memory. One process has them at a time. */
export class VolumeTable {
  readonly #shelf: FolderShelf;
  readonly #volumes = new Map<string, StoredVolume>();

  /** Why a record could not be read. Nothing is done to such a volume. */
  readonly #unreadable = new Map<string, Error>();

  private constructor(shelf: FolderShelf) {
    this.#shelf = shelf;
  }

  /** Reads the records, and removes what a killed process has left. One bad record does not keep the others away. */
  static async open(directory: string, log: DriverLog | undefined): Promise<VolumeTable> {
    const shelf = await FolderShelf.open(directory, 'volumes');
    const table = new VolumeTable(shelf);
    for (const id of await shelf.ids()) {
      try {
        await removeNewFiles(shelf.pathOf(id), volumeRecordName);
        table.#volumes.set(id, await readStoredVolume(shelf.pathOf(id), id));
      } catch (err) {
        table.#unreadable.set(id, err as Error);
        log?.error({ err, volumeId: id }, 'a volume cannot be used: its record cannot be read');
      }
    }
    return table;
  }

  all(): Iterable<StoredVolume> {
    return this.#volumes.values();
  }

  find(id: string): StoredVolume | undefined {
    return this.#volumes.get(id);
  }

  /** @throws ComputeError `VOLUME_NOT_FOUND`; what went wrong when its record was read */
  get(id: string): StoredVolume {
    const volume = this.#volumes.get(id);
    if (volume !== undefined) return volume;
    throw this.#unreadable.get(id) ?? new ComputeError('VOLUME_NOT_FOUND', { volumeId: id });
  }

  /** A file of a volume. */
  pathOf(id: string, name: string): string {
    return join(this.#shelf.pathOf(id), name);
  }

  /** Adds a volume with the files that `make` puts into its folder: all of it or nothing. @throws ComputeError `INVALID_INPUT` */
  async add(volume: StoredVolume, make: (folder: string) => Promise<void>): Promise<void> {
    const taken = new ComputeError('INVALID_INPUT', {
      field: 'id',
      value: volume.id,
      accepted: 'an id that no volume has',
    });
    if (this.#volumes.has(volume.id)) throw taken;
    const tag = 'new';
    const folder = await this.#shelf.begin(volume.id, tag);
    try {
      await make(folder);
      await writeDurably(join(folder, volumeRecordName), storedVolumeText(volume));
      await this.#shelf.publish(folder, volume.id);
    } catch (failure) {
      await this.#shelf.discard(volume.id, tag).catch((second: unknown) => {
        suppress(failure, second, 'remove what was made of the volume');
      });
      throw isThere(failure) ? taken : failure;
    }
    this.#volumes.set(volume.id, volume);
  }

  /** On disk first, then in memory: what was not written has not happened. */
  async save(volume: StoredVolume): Promise<void> {
    await writeDurably(this.pathOf(volume.id, volumeRecordName), storedVolumeText(volume));
    this.#volumes.set(volume.id, volume);
  }

  async remove(id: string): Promise<void> {
    await this.#shelf.remove(id);
    this.#volumes.delete(id);
  }
}
