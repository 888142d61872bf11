import type { Failures } from '@virtkit/decorators';
import { isComputeError, suppress } from '../driver/index.js';

/** Tells the decorators what they need to know of a failure. */
export const failureKinds: Failures = {
  kindOf(failure) {
    if (!isComputeError(failure)) return 'failure';
    switch (failure.code) {
      case 'UNEXPECTED_TASK_STATE':
        return 'preempted';
      case 'INSTANCE_NOT_FOUND':
        return 'instance-gone';
      case 'IMAGE_NOT_FOUND':
        return 'image-gone';
      default:
        return 'failure';
    }
  },
  suppress,
};
