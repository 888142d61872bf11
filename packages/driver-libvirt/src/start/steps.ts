import { suppress } from '@virtkit/core/driver';
import { changesRemain, noteChangesRemain } from '../errors/changes-remain.js';

/**
 * Must be right whether the step was done, half done or not done, because an answer may have been lost. It is not given the
 * caller's signal: what an abort has stopped must still be undone.
 */
export type Undo = (() => Promise<unknown>) | 'cannot be undone';

export interface Step<T> {
  /** `start the guest`: for the operator, when undoing it fails. */
  readonly name: string;
  readonly take: () => Promise<T>;
  readonly undo: Undo;
}

export interface Steps {
  take<T>(step: Step<T>): Promise<T>;
  /** A step that was taken before. */
  taken(name: string, undo: Undo): void;
}

/**
 * Runs work that changes things step by step. When it fails, the steps taken are undone, last first, and the first failure
 * is rethrown, the same object. A failing undo joins it, and ends the undoing: a disk is not removed under a guest that
 * could not be stopped.
 */
export async function inSteps<T>(work: (steps: Steps) => Promise<T>): Promise<T> {
  const undos: [name: string, undo: Undo][] = [];
  const steps: Steps = {
    take: ({ name, take, undo }) => {
      undos.push([name, undo]);
      return take();
    },
    taken: (name, undo) => {
      undos.push([name, undo]);
    },
  };
  try {
    return await work(steps);
  } catch (first) {
    for (const [name, undo] of undos.reverse()) {
      if (!(await undone(name, undo, first))) break;
    }
    throw first;
  }
}

async function undone(name: string, undo: Undo, first: unknown): Promise<boolean> {
  // Where work in steps is itself a step, an undoing that ended early inside ends it outside too.
  if (changesRemain(first)) return false;
  if (undo === 'cannot be undone') {
    noteChangesRemain(first);
    return false;
  }
  try {
    await undo();
    return true;
  } catch (secondary) {
    noteChangesRemain(first);
    suppress(first, secondary, `undo: ${name}`);
    return false;
  }
}
