import { ComputeError, type Image } from '@virtkit/core';
import type {
  CallOptions,
  ImageProvider,
  ImageQuery,
  ImageRecord,
  ImageViewer,
  NewImage,
  SnapshotTarget,
} from '@virtkit/core/providers';
import type { ProviderFaults } from './provider-faults.js';

interface Kept {
  readonly record: ImageRecord;
  readonly state: 'unfinished' | 'finished';
}

/** Images of a test. Their bytes are the simulator's business. */
export class MemoryImages implements ImageProvider {
  readonly #faults: ProviderFaults;
  #images = new Map<string, Kept>();
  #made = 0;

  constructor(faults: ProviderFaults) {
    this.#faults = faults;
  }

  /** An image of the operator's. */
  add(id: string, fields: Partial<ImageRecord> = {}): void {
    const record: ImageRecord = {
      id,
      name: id,
      kind: 'base',
      visibility: 'public',
      projectId: null,
      instanceUuid: null,
      diskFormat: 'qcow2',
      sizeBytes: 1_048_576,
      virtualSizeBytes: 1_073_741_824,
      minDiskGib: 0,
      minMemoryMib: 0,
      properties: {},
      createdAtMs: this.#made++,
      ...fields,
    };
    this.#images.set(id, { record, state: 'finished' });
  }

  /** Everything it knows, to be given to {@link become} of another. */
  get kept(): ReadonlyMap<string, Kept> {
    return this.#images;
  }

  /** Knows what another one knows, and nothing else. */
  become(kept: ReadonlyMap<string, Kept>): void {
    this.#images = new Map(kept);
  }

  /** Every image that takes room, unfinished ones too. */
  get ids(): readonly string[] {
    return [...this.#images.keys()];
  }

  get unfinishedIds(): readonly string[] {
    return [...this.#images].filter(([, { state }]) => state === 'unfinished').map(([id]) => id);
  }

  async leaderChanged(options: CallOptions = {}): Promise<void> {
    await Promise.resolve(this.#faults.leaders.admit(options));
  }

  getImage(imageId: string, { projectId }: ImageViewer, options: CallOptions = {}): Promise<Image> {
    return this.#faults.around('images.getImage', options, () => {
      const kept = this.#images.get(imageId);
      const isSeen = kept?.state === 'finished' && sees(kept.record, projectId);
      if (!isSeen) throw new ComputeError('IMAGE_NOT_FOUND', { imageId });
      const { id, name, diskFormat, minDiskGib, minMemoryMib, properties } = kept.record;
      return { id, name, diskFormat, minDiskGib, minMemoryMib, properties, location: { disk: pathOf(id) } };
    });
  }

  listImages(query: ImageQuery, options: CallOptions = {}): Promise<readonly ImageRecord[]> {
    return this.#faults.around('images.listImages', options, () =>
      [...this.#images.values()]
        .filter(({ state, record }) => state === 'finished' && matches(record, query))
        .map(({ record }) => record)
        .sort((a, b) => b.createdAtMs - a.createdAtMs)
        .slice(0, query.countMax),
    );
  }

  listUnfinishedImages(options: CallOptions = {}): Promise<readonly string[]> {
    return this.#faults.around('images.listUnfinishedImages', options, () => this.unfinishedIds);
  }

  beginImage(request: NewImage, options: CallOptions = {}): Promise<SnapshotTarget> {
    return this.#faults.around('images.beginImage', options, () => {
      const { imageId, format, ...described } = request;
      if (this.#images.get(imageId)?.state === 'finished') {
        throw new ComputeError('INVALID_INPUT', { field: 'imageId', value: imageId, accepted: 'an id of no image' });
      }
      this.add(imageId, { ...described, visibility: 'private', diskFormat: format });
      this.#images.set(imageId, { ...this.#found(imageId), state: 'unfinished' });
      return { imageId, path: pathOf(imageId), format };
    });
  }

  finishImage(imageId: string, options: CallOptions = {}): Promise<ImageRecord> {
    return this.#faults.around('images.finishImage', options, () => {
      const { record } = this.#found(imageId);
      this.#images.set(imageId, { record, state: 'finished' });
      return record;
    });
  }

  deleteImage(imageId: string, options: CallOptions = {}): Promise<void> {
    return this.#faults.around('images.deleteImage', options, () => void this.#images.delete(imageId));
  }

  #found(imageId: string): Kept {
    const kept = this.#images.get(imageId);
    if (!kept) throw new ComputeError('IMAGE_NOT_FOUND', { imageId });
    return kept;
  }
}

function pathOf(imageId: string): string {
  return `/images/${imageId}.qcow2`;
}

function sees({ visibility, projectId }: ImageRecord, viewer: string): boolean {
  return visibility === 'public' || projectId === viewer;
}

function matches(record: ImageRecord, { projectId, instanceUuid, kind, properties = {} }: ImageQuery): boolean {
  return (
    (projectId === undefined || sees(record, projectId)) &&
    (instanceUuid === undefined || record.instanceUuid === instanceUuid) &&
    (kind === undefined || record.kind === kind) &&
    Object.entries(properties).every(([name, value]) => record.properties[name] === value)
  );
}
