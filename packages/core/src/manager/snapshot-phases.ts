import type { SnapshotProgress } from '../driver/index.js';
import type { ActionStep } from '../model/action-step.js';
import type { TaskState } from '../model/task-state.js';
import type { InstanceTask } from '../runner/instance-task.js';

type Phase = SnapshotProgress['phase'];

/** The task state in which an instance is during each phase of a snapshot. */
export type PhaseTaskStates = Readonly<Record<Phase, TaskState>>;

const phases = ['image_snapshot', 'image_pending_upload', 'image_uploading'] as const satisfies readonly Phase[];

/** Lets an instance's task state follow what its driver tells of a snapshot: forwards only, whatever is told, one commit at a time. */
export class SnapshotPhases {
  readonly #task: InstanceTask;
  readonly #taskStates: PhaseTaskStates;
  #entered = -1;
  #taskState: TaskState | null;
  #saved: Promise<void> = Promise.resolve();

  constructor(task: InstanceTask, taskStates: PhaseTaskStates) {
    this.#task = task;
    this.#taskStates = taskStates;
    this.#taskState = task.instance.taskState;
  }

  /** Enters the first phase, with the step that it takes on record. @throws ComputeError `UNEXPECTED_TASK_STATE`, `STORE_UNAVAILABLE` */
  async begin(step: ActionStep): Promise<void> {
    const [first] = phases;
    const taskState = this.#taskStates[first];
    this.#entered = 0;
    if (taskState === this.#taskState) {
      await this.#task.takeStep(step);
      return;
    }
    this.#taskState = taskState;
    await this.#task.advance(taskState, {}, { steps: [step] });
  }

  /** Takes what the driver tells. Never throws; what goes wrong is told by {@link reach}. */
  readonly follow = (progress: SnapshotProgress): void => {
    this.#task.report(progress);
    this.#enter(progress.phase);
  };

  /** Resolves when the phase, and what was told before, is on record. @throws ComputeError `UNEXPECTED_TASK_STATE`, `STORE_UNAVAILABLE` */
  async reach(phase: Phase): Promise<void> {
    this.#enter(phase);
    await this.#saved;
  }

  /** Nothing that is told from here on counts: the snapshot has ended. Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#entered = phases.length;
    await this.#saved.catch(() => undefined);
  }

  #enter(phase: Phase): void {
    const place = phases.indexOf(phase);
    if (place <= this.#entered) return;
    this.#entered = place;
    const taskState = this.#taskStates[phase];
    if (taskState === this.#taskState) return;
    this.#taskState = taskState;
    this.#saved = this.#saved.then(() => this.#task.advance(taskState));
    // Whoever reaches the next phase is told.
    this.#saved.catch(() => undefined);
  }
}
