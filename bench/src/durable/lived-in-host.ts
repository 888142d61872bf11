import { fakeHost, type FakeHost } from '../lifecycle/fake-host.js';
import { driveLoad, type LoadSample, type OpenStore } from '../lifecycle/load.js';

export interface LivedInHostOptions {
  readonly openStore: () => Promise<OpenStore>;
  readonly instanceCount: number;
  /** How many cycles have been done before anything is measured, over all instances. */
  readonly cyclesBefore: number;
}

/**
 * A host on a store that has been in use for a while and stays open from round to round: its tables have grown, and its log has been round
 * and copied into the file many times.
 */
export class LivedInHost implements AsyncDisposable {
  readonly #opened: OpenStore;
  readonly #host: FakeHost;

  private constructor(opened: OpenStore, host: FakeHost) {
    this.#opened = opened;
    this.#host = host;
  }

  static async open({ openStore, instanceCount, cyclesBefore }: LivedInHostOptions): Promise<LivedInHost> {
    const opened = await openStore();
    const lived = new LivedInHost(opened, await fakeHost({ instanceCount, store: opened.store }));
    await lived.run(cyclesBefore);
    return lived;
  }

  async run(cycles: number): Promise<LoadSample> {
    return await driveLoad(this.#host, { door: 'api', cycles });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
    await this.#opened[Symbol.asyncDispose]();
  }
}
