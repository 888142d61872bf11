/** A manager, by the host it looks after and the number of its lease. */
export interface ConnectionLeader {
  readonly host: string;
  readonly epoch: number;
}

/** The highest epoch that a hypervisor has seen of each manager's host. What comes under a lower one was sent by a manager that was replaced. */
export class LeaderEpochs {
  readonly #highest = new Map<string, number>();

  see({ host, epoch }: ConnectionLeader): void {
    this.#highest.set(host, Math.max(epoch, this.#highest.get(host) ?? 0));
  }

  isReplaced({ host, epoch }: ConnectionLeader): boolean {
    return epoch < (this.#highest.get(host) ?? 0);
  }
}
