import { isComputeError } from '@virtkit/core';
import { FakeHypervisorError } from '@virtkit/driver-fake';
import type { ManagerProcess } from './manager-process.js';

/** A request of a manager that was paused past its lease, which arrived after its successor had taken over. */
export interface LateRequest {
  /** `disks.remove`, `volumes.reserve` */
  readonly step: string;
  readonly at: 'hypervisor' | 'provider';
  /** Whether the fence had let it pass before the pause. */
  readonly wasSent: boolean;
  /** `refused`: for its epoch. `failed`: for another reason, so that its epoch was not asked for. */
  readonly outcome: 'refused' | 'failed' | 'done';
}

/** Managers that were stopped in the middle of something, and what they still ask for when they go on. */
export class PausedManagers {
  readonly #processes = new Set<ManagerProcess>();
  readonly #late: LateRequest[] = [];
  /** What the fence has let pass of each process and what has not arrived yet, until the process goes on. */
  readonly #passed = new Map<ManagerProcess, string[]>();

  has(process: ManagerProcess): boolean {
    return this.#processes.has(process);
  }

  /** At once: whatever the process was about to do, it does not do it yet. */
  pause(process: ManagerProcess): void {
    this.#processes.add(process);
    process.pause();
  }

  /** The fence of a process has let a request pass. */
  passed(process: ManagerProcess, step: string): void {
    if (process.hasGoneOn) return;
    this.#passed.set(process, [...(this.#passed.get(process) ?? []), step]);
  }

  /** It has arrived. Answers whether the fence had let it pass before the process went on. */
  arrived(process: ManagerProcess, step: string): boolean {
    const passed = this.#passed.get(process) ?? [];
    const nth = passed.indexOf(step);
    if (nth >= 0) this.#passed.set(process, passed.toSpliced(nth, 1));
    return nth >= 0;
  }

  /** A request of such a process. One that was on its way when it was paused arrives only now. */
  async arrival<Value>(
    process: ManagerProcess,
    sent: Omit<LateRequest, 'outcome'>,
    request: () => Promise<Value>,
  ): Promise<Value> {
    await process.goesOn;
    try {
      const value = await request();
      this.#late.push({ ...sent, outcome: 'done' });
      return value;
    } catch (failure) {
      this.#late.push({ ...sent, outcome: isForItsEpoch(failure) ? 'refused' : 'failed' });
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
    this.#passed.clear();
    return this.#late.splice(0);
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#processes].map((process) => process.kill()));
    this.#processes.clear();
    this.#passed.clear();
  }
}

function isForItsEpoch(failure: unknown): boolean {
  if (failure instanceof FakeHypervisorError) return failure.refusal === 'older-epoch';
  return isComputeError(failure, 'SESSION_LOST');
}
