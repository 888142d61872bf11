import {
  DomainPausedReason,
  DomainRunningReason,
  DomainState,
  ErrorDomain,
  ErrorNumber,
  LibvirtConnectionError,
  LibvirtError,
  LibvirtTimeoutError,
  type JobStats,
  type Sighting,
} from '../../src/index.js';
import type { Cookie, MigrationDestination, MigrationSource, Parameters } from '../../src/migration/migration-ends.js';

export type Step = 'begin' | 'prepare' | 'perform' | 'finish' | 'confirm';
export const steps: readonly Step[] = ['begin', 'prepare', 'perform', 'finish', 'confirm'];

/**
 * What becomes of one step, the first time it is taken:
 * - `refused`: its daemon says no, and has done nothing
 * - `not sent`: its connection is lost before
 * - `lost before`, `lost after`: its connection is lost, before or after the daemon has done it
 * - `silent before`, `silent after`: the connection lives, and there is no answer in time
 */
export type Fault = 'refused' | 'not sent' | 'lost before' | 'lost after' | 'silent before' | 'silent after';
export const faults: readonly Fault[] = [
  'refused',
  'not sent',
  'lost before',
  'lost after',
  'silent before',
  'silent after',
];

export interface Script {
  readonly step?: Step;
  readonly fault?: Fault;
  /** Called when a step is about to be taken. */
  readonly before?: (step: Step) => void;
  /** The daemons that cannot be asked once there was a fault. */
  readonly unreachable?: 'source' | 'destination';
  /** The source does not end the sending by itself: it waits for an abort. */
  readonly endless?: 'yes';
  /** The destination's daemon was about to remove the guest that it runs, because its connection was lost. */
  readonly removes?: 'late';
  /** What the source answers when it is told to abort. Default: it heeds. */
  readonly abortJob?: 'refused' | 'ignored';
}

const dom = { name: 'guest', uuid: 'a0000000-0000-4000-8000-00000000000a', id: 7 };
const { VIR_DOMAIN_RUNNING, VIR_DOMAIN_PAUSED } = DomainState;

/** Two hosts as far as a migration goes, that do to the guest what libvirt's daemons do. */
export class ScriptedEnds {
  readonly domain = dom;
  /** The steps that were taken, with what was said. */
  readonly calls: string[] = [];
  readonly cookies: string[] = [];
  readonly params: Parameters[] = [];
  /** `waiting`: it holds memory, and does not run. */
  guest: { source: 'running' | 'waiting' | 'gone'; destination: 'running' | 'waiting' | 'gone' } = {
    source: 'running',
    destination: 'gone',
  };
  readonly #script: Script;
  readonly #connected = { source: true, destination: true };
  readonly #lost = { source: new AbortController(), destination: new AbortController() };
  #faulted = false;
  #abortPerform: (() => void) | undefined;

  constructor(script: Script = {}) {
    this.#script = script;
  }

  /** How many hosts run it: more than one is what must never be. */
  get running(): number {
    return [this.guest.source, this.guest.destination].filter((copy) => copy === 'running').length;
  }

  get source(): MigrationSource {
    return {
      ...this.#end('source'),
      begin: async (params, flags) => {
        this.params.push(params);
        await this.#take('begin', 'source', `begin ${flags}`, () => undefined);
        return { cookie: bytes('from begin'), xml: '<made-by-begin/>' };
      },
      perform: async (peerUri, params, cookie, flags) => {
        this.params.push(params);
        this.#note(cookie);
        await this.#take('perform', 'source', `perform ${peerUri} ${flags}`, () => this.#send());
        return bytes('from perform');
      },
      confirm: async (params, cookie, _flags, cancelled) => {
        this.params.push(params);
        this.#note(cookie);
        await this.#take('confirm', 'source', `confirm ${cancelled}`, () => {
          this.guest.source = cancelled === 1 ? 'running' : 'gone';
        });
      },
      getState: async () => ({ state: VIR_DOMAIN_RUNNING, reason: DomainRunningReason.VIR_DOMAIN_RUNNING_BOOTED }),
      getJobStats: async (): Promise<JobStats> => ({ type: 0, parameters: {} }),
      abortJob: async () => {
        this.calls.push('abortJob');
        if (this.#script.abortJob === 'refused') throw refusal('domainAbortJob');
        if (this.#script.abortJob !== 'ignored') this.#abortPerform?.();
      },
      resume: async () => {
        this.calls.push('resume');
        this.guest.source = 'running';
      },
    };
  }

  get destination(): MigrationDestination {
    return {
      ...this.#end('destination'),
      prepare: async (params, cookie, flags) => {
        this.params.push(params);
        this.#note(cookie);
        await this.#take('prepare', 'destination', `prepare ${flags}`, () => {
          this.guest.destination = 'waiting';
        });
        return { cookie: bytes('from prepare'), uri: 'tcp://there' };
      },
      finish: async (params, cookie, _flags, cancelled) => {
        this.params.push(params);
        this.#note(cookie);
        await this.#take('finish', 'destination', `finish ${cancelled}`, () => {
          this.guest.destination = cancelled === 1 ? 'gone' : 'running';
        });
        if (cancelled === 1) throw refusal('domainMigrateFinish3Params', ErrorNumber.VIR_ERR_MIGRATE_FINISH_OK);
        return { domain: { ...dom, id: 1 }, cookie: bytes('from finish') };
      },
      outlastJobs: async () => {
        this.calls.push('outlast jobs');
        if (this.#script.removes === 'late') this.guest.destination = 'gone';
        if (this.guest.destination === 'gone') throw refusal('domainMemoryStats');
      },
    };
  }

  #end(side: 'source' | 'destination') {
    return {
      lost: this.#lost[side].signal,
      look: async (): Promise<Sighting> => this.#look(side),
      hangUp: async () => {
        this.calls.push(`hang up ${side}`);
        this.#disconnect(side);
      },
    };
  }

  #look(side: 'source' | 'destination'): Sighting {
    if (this.#faulted && this.#script.unreachable === side) return { kind: 'unseen', error: new Error('unreachable') };
    const copy = this.guest[side];
    if (copy === 'gone') return { kind: 'absent' };
    if (copy === 'running') return { kind: 'present', state: VIR_DOMAIN_RUNNING, reason: 1 };
    return { kind: 'present', state: VIR_DOMAIN_PAUSED, reason: DomainPausedReason.VIR_DOMAIN_PAUSED_MIGRATION };
  }

  async #take(step: Step, side: 'source' | 'destination', said: string, act: () => unknown): Promise<void> {
    this.#script.before?.(step);
    if (!this.#connected[side]) throw notSent(step);
    this.calls.push(said);
    const fault = !this.#faulted && this.#script.step === step ? this.#script.fault : undefined;
    if (fault === undefined) return void (await act());
    this.#faulted = true;
    if (fault.endsWith('after')) await act();
    if (fault === 'refused') throw refusal(step);
    if (fault.startsWith('silent')) throw new LibvirtTimeoutError(step, 1, true);
    const error = fault === 'not sent' ? notSent(step) : lost(step);
    this.#disconnect(side);
    this.#lost[side].abort(error);
    throw error;
  }

  /** What is held for a connection ends with it. A source that has sent everything keeps its copy, and waits. */
  #disconnect(side: 'source' | 'destination'): void {
    this.#connected[side] = false;
    if (side === 'source') this.#abortPerform?.();
    else if (this.guest.destination === 'waiting') this.guest.destination = 'gone';
  }

  async #send(): Promise<void> {
    if (this.#script.endless === 'yes') {
      await new Promise<void>((_, reject) => {
        this.#abortPerform = () => reject(refusal('perform', ErrorNumber.VIR_ERR_OPERATION_ABORTED));
      });
    }
    this.guest.source = 'waiting';
  }

  #note(cookie: Cookie): void {
    this.cookies.push(Buffer.from(cookie).toString());
  }
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

function refusal(procedure: string, code: number = ErrorNumber.VIR_ERR_OPERATION_FAILED): LibvirtError {
  const nothing = { str1: null, str2: null, str3: null, int1: 0, int2: 0, level: 2 };
  return new LibvirtError({ ...nothing, code, domain: ErrorDomain.VIR_FROM_QEMU, message: 'no' }, procedure);
}

function notSent(procedure: string): LibvirtConnectionError {
  return new LibvirtConnectionError('gone', { reason: 'lost', sent: false, procedure });
}

function lost(procedure: string): LibvirtConnectionError {
  return new LibvirtConnectionError('gone', { reason: 'lost', sent: true, procedure });
}
