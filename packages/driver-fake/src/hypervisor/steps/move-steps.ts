import type { CallOptions, Clock } from '@virtkit/core/driver';
import type { FakeHost } from '../fake-host.js';
import type { FakeDisk } from '../guest-view.js';
import type { StepRunner } from '../step-runner.js';

/** Steps about disks that go from host to host, and those that are kept meanwhile. */
export class MoveSteps {
  readonly #steps: StepRunner;
  readonly #host: FakeHost;
  readonly #clock: Clock;

  constructor(steps: StepRunner, host: FakeHost, clock: Clock) {
    this.#steps = steps;
    this.#host = host;
    this.#clock = clock;
  }

  /** Whether the other host answers; this host does always. */
  checkPeer(uuid: string, peer: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('readPeer', uuid, options, () => {
      this.#peer(peer);
    });
  }

  /** Copies a disk to the other host, which takes its time. There it is one that has arrived. */
  send(uuid: string, peer: string, disk: FakeDisk, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('sendDisk', uuid, options, () =>
      this.#host.moves.send(uuid, async (stopped) => {
        this.#peer(peer).moves.checkSpace(disk);
        const copyMs = this.#host.fabric.copyMs(disk.sizeGib * 1024);
        const signal = options.signal ? AbortSignal.any([options.signal, stopped]) : stopped;
        if (copyMs > 0) await this.#clock.sleep(copyMs, { signal });
        this.#peer(peer).moves.receive(uuid, disk);
      }),
    );
  }

  /** What a driver that died was sending does not arrive. */
  stopSending(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('stopSending', uuid, options, () => this.#host.moves.stopSending(uuid));
  }

  /** Removes at the other host what was sent there. */
  recall(uuid: string, peer: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('recallDisks', uuid, options, () => this.#peer(peer).moves.discard('arrived', uuid));
  }

  keep(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('keepDisks', uuid, options, () => this.#host.moves.moveDisksTo('kept', uuid));
  }

  takeKept(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('takeKeptDisks', uuid, options, () => this.#host.moves.takeDisksFrom('kept', uuid));
  }

  discardKept(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('discardKeptDisks', uuid, options, () => this.#host.moves.discard('kept', uuid));
  }

  takeArrived(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('takeArrivedDisks', uuid, options, () => this.#host.moves.takeDisksFrom('arrived', uuid));
  }

  putArrivedBack(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('putArrivedDisksBack', uuid, options, () => this.#host.moves.moveDisksTo('arrived', uuid));
  }

  discardArrived(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('discardArrivedDisks', uuid, options, () => this.#host.moves.discard('arrived', uuid));
  }

  /** Never smaller. */
  grow(uuid: string, diskId: string, sizeGib: number, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('growDisk', uuid, options, () => this.#host.moves.growDisk(uuid, diskId, sizeGib));
  }

  readReach(uuid: string, options: CallOptions = {}): Promise<'present' | 'absent'> {
    return this.#steps.run('readDiskReach', uuid, options, () => this.#host.moves.reaches(uuid));
  }

  /** The host uses disks that are there already. */
  hold(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('holdDisks', uuid, options, () => this.#host.moves.holdDisks(uuid));
  }

  /** The host uses them no more; where storage is shared, others may. */
  letGo(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('letDisksGo', uuid, options, () => this.#host.moves.letDisksGo(uuid));
  }

  writeProbe(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('writeProbe', uuid, options, () => this.#host.moves.writeProbe(uuid));
  }

  /** Whether this host sees what the other has written. */
  readProbe(uuid: string, options: CallOptions = {}): Promise<'shared' | 'own'> {
    return this.#steps.run('readProbe', uuid, options, () => this.#host.moves.seesProbe(uuid));
  }

  removeProbe(uuid: string, options: CallOptions = {}): Promise<void> {
    return this.#steps.run('removeProbe', uuid, options, () => this.#host.moves.removeProbe(uuid));
  }

  #peer(name: string): FakeHost {
    return name === this.#host.size.hypervisorHostname ? this.#host : this.#host.fabric.reach(this.#host, name);
  }
}
