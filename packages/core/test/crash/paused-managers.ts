import type { ManagerProcess } from './manager-process.js';

/** A request of a manager that was paused past its lease, which arrived after its successor had taken over. */
export interface LateRequest {
  /** `host-1.disks.remove` */
  readonly step: string;
  readonly outcome: 'refused' | 'done';
}

/** Managers that were stopped in the middle of something, and what they still ask for when they go on. */
export class PausedManagers {
  readonly #processes = new Set<ManagerProcess>();
  readonly #late: LateRequest[] = [];

  has(process: ManagerProcess): boolean {
    return this.#processes.has(process);
  }

  /** At once: whatever the process was about to do, it does not do it yet. */
  pause(process: ManagerProcess): void {
    this.#processes.add(process);
    process.pause();
  }

  /** A request of such a process. One that was on its way when it was paused arrives only now. */
  async arrival<Value>(process: ManagerProcess, step: string, request: () => Promise<Value>): Promise<Value> {
    await process.goesOn;
    try {
      const value = await request();
      this.#late.push({ step, outcome: 'done' });
      return value;
    } catch (failure) {
      this.#late.push({ step, outcome: 'refused' });
      throw failure;
    }
  }

  /** Lets them go on, and answers with what they have asked for, once they have noticed that they were replaced and have closed. */
  async goOn(): Promise<readonly LateRequest[]> {
    const processes = [...this.#processes];
    for (const process of processes) process.goOn();
    await Promise.all(processes.map((process) => process.ask(['lost'], [])));
    await Promise.all(processes.map((process) => process.kill()));
    this.#processes.clear();
    return this.#late.splice(0);
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.kill()));
    this.#processes.clear();
  }
}
