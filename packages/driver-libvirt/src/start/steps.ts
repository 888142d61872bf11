import { suppress } from '@virtkit/core/driver';
import { noteChange } from '../errors/has-changed.js';

/**
 * Must be right whether the step was done, half done or not done, because an answer may have been lost. It is not given the
 * caller's signal: what an abort has stopped must still be undone.
 */
export type Undo = (() => Promise<unknown>) | 'cannot be undone';

interface Step<T> {
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
    if (undos.length > 0) noteChange(first);
    for (const [name, undo] of undos.reverse()) {
      if (!(await undone(name, undo, first))) break;
    }
    throw first;
  }
}

/** Failures of work whose undoing has ended early: where that work is itself a step, nothing outside is undone either. */
const givenUp = new WeakSet<object>();

async function undone(name: string, undo: Undo, first: unknown): Promise<boolean> {
  if (isObject(first) && givenUp.has(first)) return false;
  try {
    if (undo !== 'cannot be undone') await undo();
    return true;
  } catch (secondary) {
    if (isObject(first)) givenUp.add(first);
    suppress(first, secondary, `undo: ${name}`);
    return false;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
