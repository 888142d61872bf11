import type { LifecycleTransition, PowerState } from '@virtkit/core/driver';
import { MinimalMoveStore, MinimalNetwork } from './minimal-network.js';
import { MinimalStorage } from './minimal-storage.js';

export interface MinimalGuest {
  readonly maker: 'virtkit' | 'stranger';
  state: PowerState;
  life: number;
  readonly inside: MinimalInside;
  generation: string | null;
  /** It writes to its memory faster than a live migration can follow. */
  busy?: true;
}

/** What a guest knows of itself. */
interface MinimalInside {
  agent: 'answers' | 'silent';
  fileSystems: 'frozen' | 'writable';
  adminPassword?: string;
  crashDumpCount: number;
}

/** A driver's end of its connection. */
export interface MinimalClient {
  lost(): void;
  back(): void;
}

type Listener = (uuid: string, transition: LifecycleTransition) => void;

/** A host of maps and sets: the least that a driver can drive. */
export class MinimalHost {
  readonly guests = new Map<string, MinimalGuest>();
  readonly disks = new Set<string>();
  readonly storage = new MinimalStorage();
  readonly moves = new MinimalMoveStore();
  readonly network: MinimalNetwork;
  readonly vifs = new Set<string>();
  readonly savedMemory = new Set<string>();
  readonly broken = new Set<string>();
  readonly deaf = new Set<string>();
  readonly listeners = new Set<Listener>();
  readonly clients = new Set<MinimalClient>();

  constructor(network = new MinimalNetwork()) {
    this.network = network;
  }

  own(uuid: string): MinimalGuest | undefined {
    const guest = this.guests.get(uuid);
    return guest?.maker === 'virtkit' ? guest : undefined;
  }

  tell(uuid: string, transition: LifecycleTransition): void {
    for (const listener of this.listeners) listener(uuid, transition);
  }

  /** Whoever listened is forgotten. */
  restart(): void {
    this.listeners.clear();
    for (const client of this.clients) client.lost();
    for (const client of this.clients) client.back();
  }

  addGuest(uuid: string, maker: MinimalGuest['maker'], state: PowerState, generation?: string | null): void {
    const inside: MinimalInside = { agent: 'answers', fileSystems: 'writable', crashDumpCount: 0 };
    const life = (this.network.bootCount += 1);
    this.guests.set(uuid, { maker, state, inside, generation: generation ?? null, life });
    this.storage.madeFor.set(uuid, generation ?? null);
  }

  /** Starts from reset. @throws Error in the host's own words */
  boot(uuid: string, state: 'RUNNING' | 'PAUSED'): void {
    this.refuseBroken(uuid);
    const guest = this.own(uuid);
    if (guest === undefined || !this.disks.has(uuid)) throw new Error(`no such file: /var/minimal/${uuid}`);
    this.storage.start(uuid);
    guest.state = state;
    guest.life = this.network.bootCount += 1;
    this.tell(uuid, 'started');
  }

  refuseBroken(uuid: string): void {
    if (this.broken.has(uuid)) throw new Error(`cannot open /var/minimal/${uuid} on minimal-host-9`);
  }
}
