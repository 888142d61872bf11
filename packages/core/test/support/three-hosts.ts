import { InProcessPeers, isComputeError, MemoryStore, type AcceptedAction, type Instance } from '@virtkit/core';
import { FakeDatacenter, VirtualClock, type Fault, type FaultPoint, type FakeHypervisor } from '@virtkit/driver-fake';
import { admin, createRequest, fakeCompute, type FakeCompute } from './fake-compute.js';
import { imageId, memoryProviders } from './memory-providers.js';
import { brokenOf } from './promises/promise-list.js';
import { shortDeadlinesMs } from './short-deadlines.js';

export const threeHosts = ['alpha', 'beta', 'gamma'] as const;
export type OneOfThree = (typeof threeHosts)[number];

/** What a host has, and what each instance takes of it: there is room for twice as many as there are. */
const HOST_MIB = 512;
const INSTANCE_MIB = 128;
export const instanceUuids = [1, 2, 3, 4, 5, 6].map((nth) => `00000000-0000-4000-8000-00000000000${nth}`);

/** What may be asked of an instance, whatever state it is in. Most of it is refused. */
export type MoveVerb =
  | 'liveMigrate'
  | 'migrate'
  | 'confirmResize'
  | 'revertResize'
  | 'reboot'
  | 'stop'
  | 'start'
  | 'abortLiveMigration'
  | 'delete';

/** Three managers on one store, each on a host of its own, with six instances that are moved between them. */
export class ThreeHosts {
  readonly clock = new VirtualClock();
  readonly datacenter = new FakeDatacenter({ clock: this.clock, bandwidthMibPerS: 500 });
  readonly store = new MemoryStore({ now: () => this.clock.now() });
  readonly #providers = memoryProviders(this.clock);
  readonly #peers = new InProcessPeers({ clock: this.clock });
  readonly #hypervisors = new Map<OneOfThree, FakeHypervisor>();
  readonly #managers = new Map<OneOfThree, FakeCompute>();
  readonly #started: FakeCompute[] = [];
  readonly #dead = new Set<OneOfThree>();
  /** Those that have lost their power at some time: guests that were on them may be off, and nobody was asked to say so. */
  readonly #darkened = new Set<OneOfThree>();
  /** What has happened that may not. */
  readonly problems: string[] = [];

  static async withInstances(): Promise<ThreeHosts> {
    const hosts = new ThreeHosts();
    for (const host of threeHosts) {
      hosts.#hypervisors.set(host, hosts.datacenter.addHost(host, { memoryMib: HOST_MIB }));
      await hosts.#start(host);
    }
    for (const [nth, uuid] of instanceUuids.entries()) {
      const { image: _image, networkInterfaces: _interfaces, ...request } = createRequest({ uuid, name: uuid });
      const { api } = hosts.managerOf(threeHosts[nth % threeHosts.length] ?? 'alpha').compute;
      hosts.#note(api.create(admin, { ...request, imageId, networks: [{}] }));
    }
    await hosts.ended();
    return hosts;
  }

  managerOf(host: OneOfThree): FakeCompute {
    const manager = this.#managers.get(host);
    if (!manager) throw new RangeError(`no manager of ${host} was started`);
    return manager;
  }

  hypervisorOf(host: OneOfThree): FakeHypervisor {
    return this.managerOf(host).hypervisor;
  }

  /** Asks the manager of the host that has the instance. */
  async ask(verb: MoveVerb, instanceUuid: string, destinationHost: OneOfThree): Promise<void> {
    const { host } = await this.store.getInstance(instanceUuid);
    const { api } = this.managerOf((host ?? 'alpha') as OneOfThree).compute;
    switch (verb) {
      case 'liveMigrate':
      case 'migrate':
        return this.#note(api.moves[verb](admin, instanceUuid, { destinationHost }));
      case 'confirmResize':
      case 'revertResize':
        return this.#note(api.moves[verb](admin, instanceUuid));
      case 'stop':
      case 'start':
      case 'delete':
        return this.#note(api[verb](admin, instanceUuid));
      case 'reboot':
        return this.#note(api.reboot(admin, instanceUuid, 'HARD'));
      case 'abortLiveMigration':
        api.moves.abortLiveMigration(admin, instanceUuid).catch(() => undefined);
    }
  }

  plan(host: OneOfThree, at: FaultPoint['at'], fault: Fault, times: number): void {
    this.hypervisorOf(host).faults.add({ at, fault, times });
  }

  /** The manager of the host dies when it comes there; where the host loses its power, so do its guests. */
  kill(host: OneOfThree, at: FaultPoint['at'], power: 'kept' | 'lost'): void {
    const hypervisor = this.hypervisorOf(host);
    const die = (): void => {
      this.#dead.add(host);
      if (power === 'kept') return;
      this.#darkened.add(host);
      hypervisor.switchOff();
    };
    hypervisor.faults.add({ at, fault: { type: 'die', die } });
  }

  /** Others start in the place of those that have died. */
  async revive(): Promise<void> {
    for (const host of this.#dead) {
      this.#dead.delete(host);
      this.hypervisorOf(host).switchOn();
      await this.#start(host);
    }
  }

  /** Nothing goes wrong any more, and everything comes to its end. */
  async ended(): Promise<void> {
    for (const host of threeHosts) {
      this.hypervisorOf(host).faults.clear();
      for (const other of threeHosts) if (other !== host) this.datacenter.mendLink(host, other);
    }
    await this.revive();
    // What was asked of a manager that has died is answered by nobody; its action is ended all the same.
    for (let minutes = 0; minutes < 60 && (await this.#isBusy()); minutes++) await this.clock.advance(60_000);
    await this.clock.advance(400_000);
  }

  async #isBusy(): Promise<boolean> {
    const unfinished = await Promise.all(threeHosts.map((host) => this.store.listUnfinishedActions(host)));
    return unfinished.flat().length > 0;
  }

  /**
   * A delete that has failed is repeated, and a resize that waits is confirmed; then a guest that something has left off is started again,
   * where its record says that it is.
   */
  async repaired(): Promise<void> {
    for (const uuid of instanceUuids) {
      const { vmState } = await this.store.getInstance(uuid);
      const isToGo = (await this.store.listActions(uuid)).some(({ operation }) => operation === 'terminate');
      if (isToGo && vmState !== 'deleted') await this.ask('delete', uuid, 'alpha');
    }
    await this.ended();
    await this.#askOf('confirmResize', ({ vmState }) => vmState === 'resized');
    await this.#askOf('reboot', ({ uuid, vmState, host }) => {
      const isDark = vmState === 'active' && this.#darkened.has(host as OneOfThree);
      return ['error', 'stopped'].includes(vmState) || (isDark && this.datacenter.hostsRunning(uuid).length === 0);
    });
  }

  async #askOf(verb: MoveVerb, isMeant: (instance: Instance) => boolean): Promise<void> {
    for (const instance of await this.store.listInstances({})) {
      if (isMeant(instance)) await this.ask(verb, instance.uuid, 'alpha');
    }
    await this.ended();
  }

  async close(): Promise<void> {
    await this.managerOf('alpha').settled(Promise.all(this.#started.map(({ compute }) => compute.close())));
  }

  /** What is so at any moment. */
  look(): void {
    for (const uuid of instanceUuids) {
      const runsOn = this.datacenter.hostsRunning(uuid);
      if (runsOn.length > 1) this.problems.push(`${uuid} runs on ${runsOn.join(' and ')}`);
    }
    for (const host of threeHosts) {
      const running = instanceUuids.filter((uuid) => this.datacenter.hostsRunning(uuid).includes(host)).length;
      if (running * INSTANCE_MIB > HOST_MIB) this.problems.push(`${host} runs ${running} guests`);
    }
  }

  /** What is not so at the end. */
  async brokenPromises(): Promise<readonly string[]> {
    const broken = [...this.problems];
    for (const host of threeHosts) {
      const { used } = await this.managerOf(host).compute.operator.hostUsage(admin);
      const wanted = (await this.store.listInstances({ host })).length * INSTANCE_MIB + (await this.#keptMib(host));
      if (used.memoryMib > HOST_MIB) broken.push(`${host} has given away ${used.memoryMib} MiB`);
      if (used.memoryMib !== wanted) broken.push(`${host} counts ${used.memoryMib} MiB instead of ${wanted}`);
      if ((await this.store.listUnfinishedActions(host)).length > 0)
        broken.push(`an action of ${host} is not finished`);
    }
    for (const uuid of instanceUuids) broken.push(...(await this.#brokenOf(uuid)));
    return broken;
  }

  /** What the list of promises says of one instance, whatever was asked of it. */
  async #brokenOf(instanceUuid: string): Promise<readonly string[]> {
    const { host } = await this.store.getInstance(instanceUuid);
    const { networks, volumes } = this.#providers;
    const isSetAside = await this.#isSetAside(instanceUuid);
    return await brokenOf(
      {
        ...{ store: this.store, instanceUuid, planted: 'nothing', lostWrites: 'none' },
        actionUuid: undefined,
        logLines: [],
        hypervisor: this.hypervisorOf((host ?? 'alpha') as OneOfThree),
        providers: { networks, volumes },
        places: {
          check: async (claim) => {
            for (const problem of await this.#misplaced(instanceUuid)) claim(false, problem);
          },
        },
      },
      {
        'what was acknowledged is kept, and nothing of a tenant is lost': 'the store of this test loses nothing',
        ...(isSetAside && { 'the record says what the guest is': 'it is set aside: nobody knows what is true of it' }),
      },
    );
  }

  async #misplaced(uuid: string): Promise<readonly string[]> {
    const { vmState, taskState, host } = await this.store.getInstance(uuid);
    const isGone = vmState === 'deleted';
    const [migration] = await this.store.listMigrations({ instanceUuid: uuid });
    const told = `${uuid}, ${vmState} on ${host}, ${migration?.kind} ${migration?.status} from ${migration?.sourceHost}`;
    const broken: string[] = [];
    if (taskState !== null) broken.push(`${told}: it is left in ${taskState}`);
    const runsOn = this.datacenter.hostsRunning(uuid);
    if (runsOn.join() !== (isGone ? '' : host) && !(await this.#isSetAside(uuid)))
      broken.push(`${told}: it runs on ${runsOn.join()}`);
    for (const each of threeHosts) {
      const { guest, disks, vifs, kept, arrived, probe } = this.hypervisorOf(each).look(uuid);
      const isSource = vmState === 'resized' && migration?.sourceHost === each;
      const isLeft =
        (isGone || each !== host) &&
        (guest ?? disks[0] ?? vifs[0] ?? arrived ?? probe ?? (isSource ? undefined : kept));
      if (isLeft) broken.push(`${told}: something is left on ${each}`);
    }
    return broken;
  }

  async #isSetAside(uuid: string): Promise<boolean> {
    const health = await Promise.all(threeHosts.map((host) => this.managerOf(host).compute.operator.health(admin)));
    const faults = await this.store.listFaults(uuid);
    return faults.length > 0 && health.some(({ quarantined }) => quarantined.includes(uuid));
  }

  async #keptMib(host: OneOfThree): Promise<number> {
    const open = await this.store.listMigrations({ host, status: ['finished', 'confirming'] });
    return open.filter(({ sourceHost }) => sourceHost === host).length * INSTANCE_MIB;
  }

  async #start(host: OneOfThree): Promise<void> {
    const { clock, store } = this;
    const { images, networks, volumes } = this.#providers;
    const hypervisor = this.#hypervisors.get(host);
    if (!hypervisor) throw new RangeError(`there is no host ${host}`);
    const manager = await fakeCompute({
      clock,
      store,
      images,
      networks,
      volumes,
      host,
      hypervisor,
      peers: this.#peers,
      session: { takeOver: 'at-once' },
      driverTimeoutsMs: shortDeadlinesMs,
    });
    this.#managers.set(host, manager);
    this.#started.push(manager);
  }

  #note(asked: Promise<AcceptedAction>): void {
    asked.catch((failure: unknown) => this.#refused(failure));
  }

  /** What a busy or replaced manager may say; anything else is a fault of ours. */
  #refused(failure: unknown): void {
    if (!expected.some((code) => isComputeError(failure, code))) this.problems.push(`refused with ${String(failure)}`);
  }
}

const expected = [
  'INSTANCE_INVALID_STATE',
  'INSTANCE_QUARANTINED',
  'UNEXPECTED_TASK_STATE',
  'MIGRATION_REFUSED',
  'NO_ACTIVE_MIGRATION',
  'MANAGER_CLOSED',
  'SESSION_LOST',
] as const;
