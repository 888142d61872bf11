import { PeerProcess, peerSource } from './peer-process.js';

/** What a part of Nova's work took. */
export interface NovaCost {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly sqlStatements: number;
}

export interface NovaLifecycle {
  readonly operations: number;
  /** The compute manager's methods alone. */
  readonly manager: NovaCost;
  /** With the record, the state and the action that a request needs before it reaches the manager. */
  readonly request: NovaCost;
}

export interface NovaDecorators {
  readonly bareUs: number;
  readonly decoratedUs: number;
}

/** Nova's own compute manager, from Debian's packages. */
export class Nova implements AsyncDisposable {
  readonly #peer: PeerProcess;

  private constructor(peer: PeerProcess) {
    this.#peer = peer;
  }

  /** @returns what is missing, as a sentence, when Nova is not installed */
  static async start(): Promise<Nova | string> {
    const program = { program: '/usr/bin/python3', args: [peerSource('nova_compute.py')] };
    const peer = await PeerProcess.start(program, { run: 'lifecycle', cycles: 1 });
    if (typeof peer !== 'string') return new Nova(peer);
    return `Nova did not run here (${peer}): apt-get install ${packages.join(' ')}.`;
  }

  lifecycle({ cycles }: { readonly cycles: number }): Promise<NovaLifecycle> {
    return this.#peer.ask({ run: 'lifecycle', cycles });
  }

  decorators({ calls }: { readonly calls: number }): Promise<NovaDecorators> {
    return this.#peer.ask({ run: 'decorators', calls });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
  }
}

const packages = ['python3-nova', 'python3-oslotest', 'python3-ddt', 'python3-requests-mock', 'python3-wsgi-intercept'];
