import { ComputeError, systemClock, type AcceptedAction, type Compute, type ComputeStore } from '@virtkit/core';
import type { CommittedInstances, StoreWrite } from '@virtkit/core/store';
import type { ProvidedCompute } from '../support/memory-providers.js';
import { CrashWatch, type Death, type Witness } from './crash-watch.js';
import { changesSomething } from './changes-something.js';
import type { MachineRoom } from './machine-room.js';
import type { OpenRequest } from './open-request.js';
import { PausedManagers, type LateRequest } from './paused-managers.js';
import { ManagerProcess } from './manager-process.js';
import { ProcessDied } from './process-line.js';
import { isOfProvider, type ProviderAnswer, type ProviderState } from './provider-process.js';

/** The process that has the records, where no single manager has them. */
const RECORDS = 'the records';

/** The process that has the ports, the volumes and the images, where that is asked for. */
const PROVIDERS = 'the providers';

export interface FleetOptions {
  /** Default: a manager takes its host at once. */
  readonly session?: OpenRequest['session'];
  /** Default: a single manager has its records itself. */
  readonly records?: 'apart';
  /** Default: they are where the hypervisors are. */
  readonly providers?: 'apart';
  /** Processes tell when the fence has let a request pass that they are about to send. */
  readonly points?: OpenRequest['points'];
}

interface Ground {
  readonly room: MachineRoom;
  readonly storePath: string;
}

/**
 * The managers of the hosts of a machine room, each in a process of its own. A single one has its records itself; several share those of
 * one more process, which nobody kills. Everything that passes between them, and from them to the machine room, goes through here.
 */
export class ManagerFleet implements AsyncDisposable {
  readonly logLines: string[] = [];
  readonly #programs: string;
  readonly #options: FleetOptions;
  readonly #paused = new PausedManagers();
  /** By host. Those that have ended their work wait for more. */
  readonly #processes = new Map<string, ManagerProcess>();
  /** Hosts that stay dead until somebody brings them back. */
  readonly #lost = new Set<string>();
  readonly #dying: Promise<void>[] = [];
  #ground: Ground | undefined;
  #watch: CrashWatch | undefined;

  /** @param programs the directory of the manager's program */
  constructor(programs: string, options: FleetOptions = {}) {
    this.#options = options;
    this.#programs = programs;
  }

  get room(): MachineRoom {
    if (!this.#ground) throw new TypeError('no manager is open');
    return this.#ground.room;
  }

  get store(): ComputeStore {
    const [only = ''] = this.room.hosts;
    return this.#process(this.#sharesRecords ? RECORDS : only).remote(['store']) as ComputeStore;
  }

  /** Starts the manager of every host of a machine room on a file of records, and lets them settle what they find there. */
  async open(room: MachineRoom, storePath: string): Promise<void> {
    this.#ground = { room, storePath };
    this.logLines.length = 0;
    this.#lost.clear();
    if (this.#options.providers === 'apart') {
      room.mirror((await this.#process(PROVIDERS).ask(['begin providers'], [])) as ProviderState);
    }
    if (this.#sharesRecords) await this.#process(RECORDS).ask(['open'], [{ hosts: [], storePath }]);
    for (const host of room.hosts) await this.#open(host);
    await this.settle();
  }

  /** Starts a manager in the place of each that has died, but for hosts that are lost. Resolves when nothing is open any more. */
  async recover(): Promise<void> {
    await Promise.all(this.#dying.splice(0));
    for (const host of this.room.hosts) {
      if (!this.#processes.has(host) && !this.#lost.has(host)) await this.#open(host);
    }
    await this.settle();
  }

  /** Resolves when no manager that lives has anything open. */
  async settle(): Promise<void> {
    const living = this.room.hosts.filter((host) => this.#processes.has(host));
    await Promise.all(living.map((host) => this.#process(host).ask(['settled'], [])));
  }

  /** A host loses its power for good, and the lease of its manager ends. */
  async lose(host: string): Promise<void> {
    this.#lost.add(host);
    this.#kill([host]);
    this.room.datacenter.host(host).switchOff();
    const seen = await this.store.getSession(host);
    if (seen) await this.store.closeSession(seen.session);
  }

  /** A host that was lost comes back, and its manager. */
  async bringBack(host: string): Promise<void> {
    if (!this.#lost.delete(host)) return;
    this.room.datacenter.host(host).switchOn();
    await this.recover();
  }

  /** From here on every point is counted, and at the deadly one the victims are killed, or paused. */
  watch(witness: Witness, death?: Death, deed: 'kill' | 'pause' = 'kill'): CrashWatch {
    this.#watch = new CrashWatch(witness, death, (victims) =>
      deed === 'kill' ? this.#kill(victims) : this.#pause(victims),
    );
    return this.#watch;
  }

  /** Lets the managers go on that were paused, and answers with what they have still asked for until they had closed. */
  async goOn(): Promise<readonly LateRequest[]> {
    return await this.#paused.goOn();
  }

  unwatch(): void {
    this.#watch = undefined;
  }

  /** Ends the managers as they should end. Their processes can begin others. */
  async close(): Promise<void> {
    for (const host of this.room.hosts) if (this.#processes.has(host)) await this.#process(host).ask(['close'], []);
    if (this.#sharesRecords) await this.#process(RECORDS).ask(['close'], []);
    this.room.cutConnections(this.room.hosts);
    this.#ground = undefined;
  }

  async killAll(): Promise<void> {
    await this.#paused.kill();
    this.#kill([...this.#processes.keys()]);
    await Promise.all(this.#dying.splice(0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
  }

  /** The manager of a host, the first one when none is named, as the stories of the matrices know it. */
  fakeOf(host = this.room.hosts[0] ?? ''): ProvidedCompute {
    const { room, logLines } = this;
    const { images, networks, volumes, providerFaults, datacenter } = room;
    const process = this.#processes.get(host);
    const heed = (answer: unknown): unknown => (process ? this.#heedAnswer(process, answer) : answer);
    return {
      // Nobody can ask a manager that is dead.
      compute: process?.remote(['computes', host], heed) as Compute | undefined,
      store: this.store,
      settled: async <Value>(promise: Promise<Value>): Promise<Value> => await promise,
      hypervisor: datacenter.host(host),
      ...{ images, networks, volumes, providerFaults, logLines, clock: systemClock },
    } as unknown as ProvidedCompute;
  }

  get #sharesRecords(): boolean {
    return this.#options.records === 'apart' || this.room.hosts.length > 1;
  }

  #process(name: string): ManagerProcess {
    const known = this.#processes.get(name);
    if (known) return known;
    const started = new ManagerProcess(this.#programs, (asking) => (path, args) => this.#answer(asking, path, args));
    this.#processes.set(name, started);
    return started;
  }

  async #open(host: string): Promise<void> {
    const { session = { takeOver: 'at-once' }, points = 'without the fence' } = this.#options;
    const storePath = this.#sharesRecords ? null : (this.#ground?.storePath ?? null);
    const request: OpenRequest = { hosts: [host], storePath, session, points };
    await this.#process(host).ask(['open'], [request]);
  }

  /** Their hosts are free for others, once the lease is over. */
  #pause(names: readonly string[]): void {
    for (const name of names) {
      const process = this.#processes.get(name);
      this.#processes.delete(name);
      if (process) this.#paused.pause(process);
    }
  }

  #kill(names: readonly string[]): void {
    for (const name of names) {
      const process = this.#processes.get(name);
      this.#processes.delete(name);
      if (process) this.#dying.push(process.kill());
    }
    this.#ground?.room.cutConnections(names);
  }

  /** Whoever asked for something has been told that it was accepted. That comes with the promise of its end, which did not cross. */
  #heedAnswer(process: ManagerProcess, answer: unknown): unknown {
    if (typeof answer !== 'object' || answer === null || !('action' in answer && 'instance' in answer)) return answer;
    const { uuid } = (answer as AcceptedAction).action;
    this.#watch?.witness.acceptedActions.push(uuid);
    const finished = process.ask(['finished'], [uuid]);
    finished.catch(() => undefined);
    return { ...answer, finished };
  }

  async #answer(asking: ManagerProcess, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const [kind = '', ...rest] = path;
    switch (kind) {
      case 'log':
        return void this.logLines.push(args[0] as string);
      case 'notification':
        return void this.#watch?.witness.deliveredNotifications.push(args[0] as string);
      case 'sending':
        this.#paused.passed(asking, args[0] as string);
        return this.#watch?.between(args[0] as string);
      case 'before commit':
        return this.#watch?.before('commit') ?? 0;
      case 'after commit':
        return this.#heedCommit(...(args as [number, readonly StoreWrite[], CommittedInstances]));
      case 'store':
        return await this.#askStore(asking, rest, args);
      case 'peer':
        return await this.#askPeer(rest, args);
      case 'connect':
        return this.#connect(...(args as [string, string]));
      case 'step': {
        const [connection, step, stepArgs] = args as [string, readonly string[], readonly unknown[]];
        return await this.#reach(asking, [connection, ...step], stepArgs);
      }
      default:
        return await this.#reach(asking, path, args);
    }
  }

  #heedCommit(nth: number, writes: readonly StoreWrite[], instances: CommittedInstances): void {
    this.#watch?.witness.acknowledged.push({ writes, instances });
    this.#watch?.after(nth);
  }

  async #askStore(asking: ManagerProcess, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const ask = (): Promise<unknown> => this.#process(RECORDS).ask(['store', ...path], args);
    if (path[0] !== 'commit') return await ask();
    const nth = this.#watch?.before('commit') ?? 0;
    if (asking.isDead) return undefined;
    // It arrives when the process goes on; the store tells it what has become of its host.
    if (this.#paused.has(asking)) return await asking.goesOn.then(ask);
    const instances = (await ask()) as CommittedInstances;
    // Whoever is dead by now was not told.
    if (!asking.isDead) this.#heedCommit(nth, args[0] as readonly StoreWrite[], instances);
    return instances;
  }

  async #askPeer(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const { instanceUuid } = args[0] as { readonly instanceUuid: string };
    const peer = this.#processes.get(path[0] ?? '');
    if (!peer) throw new ComputeError('DESTINATION_UNAVAILABLE', { instanceUuid }, { effect: 'none' });
    try {
      return await peer.ask(['peer', ...path], args);
    } catch (failure) {
      if (!(failure instanceof ProcessDied)) throw failure;
      throw new ComputeError('OUTCOME_UNKNOWN', { operation: path.at(-1) ?? '' });
    }
  }

  #connect(host: string, connection: string): void {
    const process = this.#process(host);
    this.room.connect(host, connection, (event) => {
      // Nobody waits for what a dead process would have done about it.
      process.ask(['event'], [connection, event]).catch(() => undefined);
    });
  }

  async #reach(asking: ManagerProcess, path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const reach = async (): Promise<unknown> => await this.#callRoom(path, args);
    if (!changesSomething(path)) return await reach();
    // The name of a connection means nothing to a reader.
    const step = isOfProvider(path) ? path.join('.') : path.slice(1).join('.');
    const nth = this.#watch?.before(step) ?? 0;
    if (asking.isDead) return undefined;
    const wasSent = this.#paused.arrived(asking, step);
    if (this.#paused.has(asking)) {
      const at = isOfProvider(path) ? 'provider' : 'hypervisor';
      return await this.#paused.arrival(asking, { step, at, wasSent }, reach);
    }
    const value = await reach();
    this.#watch?.after(nth);
    return value;
  }

  async #callRoom(path: readonly string[], args: readonly unknown[]): Promise<unknown> {
    const { room } = this;
    if (this.#options.providers !== 'apart' || !isOfProvider(path)) return await room.call(path, args);
    const { value, state } = (await this.#process(PROVIDERS).ask(['provider', ...path], args)) as ProviderAnswer;
    room.mirror(state);
    return value;
  }
}
