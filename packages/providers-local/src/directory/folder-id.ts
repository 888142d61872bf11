import { z } from 'zod';

const pattern = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const accepted = '1 to 128 letters, digits, dots, - and _, beginning with a letter or digit';

/** An id that may become the name of a folder: it cannot leave its directory, be hidden, or be taken for an option. */
export const folderId = z.string(accepted).regex(pattern, accepted);

export function isFolderId(value: string): boolean {
  return pattern.test(value);
}
