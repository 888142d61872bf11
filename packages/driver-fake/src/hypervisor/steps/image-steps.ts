import type { CallOptions, SnapshotTarget } from '@virtkit/core/driver';
import type { HostImages, KeptImage } from '../host-images.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about images: those the host keeps, and those it makes of guests. */
export class ImageSteps {
  readonly #steps: StepRunner;
  readonly #images: HostImages;

  constructor(steps: StepRunner, images: HostImages) {
    this.#steps = steps;
    this.#images = images;
  }

  /** @param uuid the instance that needs it */
  check(uuid: string, imageId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('readImage', uuid, options, () => this.#images.check(imageId));
  }

  list(options: CallOptions = {}): Promise<readonly KeptImage[]> {
    return this.#steps.run('listKeptImages', undefined, options, () => this.#images.kept());
  }

  keep(imageId: string, options: CallOptions = {}): Promise<'cached' | 'existing'> {
    return this.#steps.run('keepImage', undefined, options, () => this.#images.keep(imageId));
  }

  drop(imageId: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('dropImage', undefined, options, () => this.#images.drop(imageId));
  }

  capture(uuid: string, target: SnapshotTarget, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('captureDisk', uuid, options, () => this.#images.capture(uuid, target));
  }

  copyCapture(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('copyCapture', uuid, options, () => this.#images.copyCapture(uuid));
  }

  dropCapture(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('dropCapture', uuid, options, () => this.#images.dropCapture(uuid));
  }

  removeFile(uuid: string, path: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('removeFile', uuid, options, () => this.#images.removeFile(path));
  }
}
