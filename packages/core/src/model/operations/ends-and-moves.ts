import type { TaskState } from '../task-state.js';

/** What is not overtaken by anything but a delete: ends that were asked for already, and what has one foot on another host. */
export const endsAndMoves: readonly TaskState[] = [
  'deleting',
  'soft-deleting',
  'shelving_offloading',
  'evacuating',
  'migrating',
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
  'resize_confirming',
  'resize_reverting',
];
