import { ComputeError, isComputeError } from '../driver/index.js';
import { askedOfDriver, noteDriverFailure } from './driver-failures.js';

/**
 * A driver that has no guest for an instance says that it does not find the instance. Whoever asked sees the instance: to them its guest is
 * lost. Every other failure is answered as it is.
 */
export function guestLostFrom(failure: unknown): unknown {
  const asked = askedOfDriver(failure);
  if (asked === undefined || !isComputeError(failure, 'INSTANCE_NOT_FOUND')) return failure;
  const lost = new ComputeError('GUEST_LOST', failure.details, { cause: failure, effect: failure.effect });
  noteDriverFailure(lost, asked);
  return lost;
}

/** What a question to the driver answers. @throws ComputeError `GUEST_LOST` */
export async function askedOfGuest<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (failure) {
    throw guestLostFrom(failure);
  }
}
