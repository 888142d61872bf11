import { describe, expect, it } from 'vitest';
import type { Sighting } from '../../src/index.js';
import { placeOf } from '../../src/migration/guest-place.js';

const sightings = {
  running: { kind: 'present', state: 1, reason: 1 },
  pausedByUser: { kind: 'present', state: 3, reason: 1 },
  waiting: { kind: 'present', state: 3, reason: 2 },
  postCopy: { kind: 'present', state: 3, reason: 12 },
  stopped: { kind: 'present', state: 5, reason: 2 },
  movedAway: { kind: 'present', state: 5, reason: 4 },
  absent: { kind: 'absent' },
  unseen: { kind: 'unseen', error: undefined },
} as const satisfies Record<string, Sighting>;
type Name = keyof typeof sightings;

const decisions: readonly (readonly [Name, Name, 'never' | 'perhaps', string])[] = [
  // The destination was never told to run it: its copy does not count, and its silence does not either.
  ['running', 'waiting', 'never', 'source'],
  ['waiting', 'waiting', 'never', 'source'],
  ['waiting', 'unseen', 'never', 'source'],
  ['unseen', 'unseen', 'never', 'source'],
  ['stopped', 'absent', 'never', 'source'],
  ['absent', 'absent', 'never', 'nowhere'],
  ['absent', 'unseen', 'never', 'unknown'],
  ['running', 'running', 'never', 'unknown'],
  // It may have been told: only what both say together decides.
  ['waiting', 'running', 'perhaps', 'destination'],
  ['waiting', 'pausedByUser', 'perhaps', 'destination'],
  ['waiting', 'unseen', 'perhaps', 'unknown'],
  ['waiting', 'waiting', 'perhaps', 'unknown'],
  ['waiting', 'absent', 'perhaps', 'source'],
  ['postCopy', 'running', 'perhaps', 'destination'],
  ['postCopy', 'unseen', 'perhaps', 'unknown'],
  ['running', 'unseen', 'perhaps', 'source'],
  ['running', 'running', 'perhaps', 'unknown'],
  ['pausedByUser', 'absent', 'perhaps', 'source'],
  ['unseen', 'running', 'perhaps', 'destination'],
  ['unseen', 'absent', 'perhaps', 'unknown'],
  ['absent', 'waiting', 'perhaps', 'unknown'],
  ['absent', 'unseen', 'perhaps', 'unknown'],
  ['movedAway', 'unseen', 'perhaps', 'destination'],
  ['movedAway', 'stopped', 'perhaps', 'destination'],
  ['stopped', 'stopped', 'perhaps', 'source'],
  ['absent', 'stopped', 'perhaps', 'destination'],
  ['absent', 'absent', 'perhaps', 'nowhere'],
];

describe('the place of a guest', () => {
  it.each(decisions)('source %s, destination %s, told to run %s: %s', (source, destination, told, place) => {
    expect(placeOf(sightings[source], sightings[destination], told)).toBe(place);
  });
});
