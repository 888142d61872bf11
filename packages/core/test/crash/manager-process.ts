import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';
import { systemClock, type AcceptedAction, type Compute, type ComputeStore } from '@virtkit/core';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { changesSomething, type MachineRoom } from './machine-room.js';
import { forkManager } from './manager-bundle.js';
import { noAnswer, ProcessLine, remote } from './process-line.js';

/** A moment at which a manager may die: just before, or just after, something outside of it changes. */
export interface CrashPoint {
  /** Counted from 1, over all kinds of points of an operation. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

/** A unit that the store has acknowledged. */
export interface Acknowledged {
  readonly writes: readonly StoreWrite[];
  readonly instances: CommittedInstances;
}

/** What is told of one operation. */
interface Watch {
  readonly deadly: CrashPoint | undefined;
  readonly points: string[];
  readonly acknowledged: Acknowledged[];
}

/** How long a manager may take for anything, in milliseconds, before it counts as stuck. */
const PATIENCE_MS = 20_000;

/** A manager in a process of its own, over the machine room of this one. */
export class ManagerProcess {
  readonly #child: ChildProcess;
  readonly #line: ProcessLine;
  readonly #exited: Promise<unknown>;
  readonly logLines: string[] = [];
  #room: MachineRoom | undefined;
  #watch: Watch | undefined;

  constructor(directory: string) {
    this.#child = forkManager(directory);
    this.#exited = once(this.#child, 'exit');
    this.#line = new ProcessLine(this.#child, (path, args) => this.#answer(path, args));
  }

  /** Starts the managers of a machine room on a file of records. Resolves when nothing is open any more of what they find there. */
  async open(room: MachineRoom, storePath: string): Promise<void> {
    this.#room = room;
    await this.ask(['open'], [storePath, room.hosts]);
  }

  /** Ends the manager as it should end. The process can begin another one. */
  async close(): Promise<void> {
    await this.ask(['close'], []);
    this.#room?.cutConnections();
    this.#room = undefined;
    this.logLines.length = 0;
  }

  /** From here on every point is counted, and at the deadly one the process is killed. */
  async watch(deadly?: CrashPoint): Promise<Watch> {
    this.#watch = { deadly, points: [], acknowledged: [] };
    await this.ask(['tell'], []);
    return this.#watch;
  }

  get room(): MachineRoom {
    if (!this.#room) throw new TypeError('the manager is not open');
    return this.#room;
  }

  unwatch(): void {
    this.#watch = undefined;
  }

  /** The manager of a host, the first one when none is named, as the stories of the matrices know it. */
  fakeOf(named?: string): ProvidedCompute {
    const { room } = this;
    const host = named ?? room.hosts[0] ?? '';
    const compute = remote(this.#line, ['computes', host], (answer) => this.#withEnd(answer)) as Compute;
    const hypervisor = room.datacenter.host(host);
    const { images, networks, volumes, providerFaults } = room;
    const parts = {
      hypervisor,
      images,
      networks,
      volumes,
      providerFaults,
      logLines: this.logLines,
      clock: systemClock,
    };
    const store = remote(this.#line, ['store']) as ComputeStore;
    const settled = async <Value>(promise: Promise<Value>): Promise<Value> => await promise;
    return { compute, store, settled, ...parts } as unknown as ProvidedCompute;
  }

  async ask(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const patience = Promise.withResolvers<never>();
    const stop = systemClock.after(PATIENCE_MS, () => patience.reject(new Error(`stuck in ${path.join('.')}`)));
    try {
      return await Promise.race([patience.promise, this.#line.call(path, args)]);
    } finally {
      stop();
    }
  }

  /** An accepted action comes with the promise of its end, which did not cross. */
  #withEnd(answer: unknown): unknown {
    if (typeof answer !== 'object' || answer === null || !('action' in answer && 'instance' in answer)) return answer;
    const finished = this.ask(['finished'], [(answer as AcceptedAction).action.uuid]);
    finished.catch(() => undefined);
    return { ...answer, finished };
  }

  /** As a power cut does it. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#line.cut();
    this.#child.kill('SIGKILL');
    await this.#exited;
    this.#room?.cutConnections();
  }

  async #answer(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const [kind = '', ...rest] = path;
    if (kind === 'log') return void this.logLines.push(args[0] as string);
    if (kind === 'commit') return this.#heedCommit(args);
    if (kind !== 'hypervisor') return await this.#reach([kind, ...rest], args);
    const [connection] = args as readonly string[];
    if (rest[0] === 'connect') return this.#connect(connection ?? '', args[1] as string);
    return await this.#reach([connection ?? '', ...(args[1] as readonly string[])], args[2] as readonly unknown[]);
  }

  #connect(host: string, connection: string): void {
    this.#room?.connect(host, connection, (event) => {
      // Nobody waits for what a dead process would have done about it.
      this.#line.call(['event'], [connection, event]).catch(() => undefined);
    });
  }

  #heedCommit([nth, writes, instances]: readonly unknown[]): unknown {
    if (nth === 0) return this.#before('commit');
    this.#watch?.acknowledged.push({
      writes: writes as readonly StoreWrite[],
      instances: instances as CommittedInstances,
    });
    return this.#dies({ nth: nth as number, when: 'after' }) ? noAnswer : undefined;
  }

  async #reach(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    if (!changesSomething(path)) return await this.#room?.call(path, args);
    const nth = this.#before(path.slice(1).join('.'));
    if (nth === noAnswer) return noAnswer;
    const value = await this.#room?.call(path, args);
    return this.#dies({ nth, when: 'after' }) ? noAnswer : value;
  }

  /** A point was reached, which is counted. */
  #before(name: string): number | typeof noAnswer {
    const nth = this.#watch?.points.push(name) ?? 0;
    return this.#dies({ nth, when: 'before' }) ? noAnswer : nth;
  }

  /** Whether this is where the process is to die. It is killed then, and hears no more. */
  #dies({ nth, when }: CrashPoint): boolean {
    const deadly = this.#watch?.deadly;
    if (deadly?.nth !== nth || deadly.when !== when) return false;
    this.#child.kill('SIGKILL');
    this.#line.cut();
    return true;
  }
}
