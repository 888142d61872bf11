import { createHash } from 'node:crypto';
import { asGiven } from './as-given.js';

/** Tells two checked requests apart, in whatever order their fields stand. */
export function requestDigest(request: object): string {
  return sha256(JSON.stringify(request, inOrder));
}

/** What the first release has recorded of a request: the digest of its text, as the caller has sent it. */
export function digestOfText(request: object): string {
  return sha256(JSON.stringify(asGiven(request) ?? request));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
