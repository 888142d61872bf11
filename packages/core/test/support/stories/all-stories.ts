import { deviceStories } from './devices.js';
import { guestStories } from './guest.js';
import { imageStories } from './images.js';
import { lifecycleStories } from './lifecycle.js';
import { powerStories } from './power.js';
import { repairStories } from './repair.js';
import type { Story } from './story.js';

/** Every operation on one host. Those between hosts have a matrix of their own, on two of them. */
const allStories: readonly Story[] = [
  ...powerStories,
  ...lifecycleStories,
  ...repairStories,
  ...imageStories,
  ...guestStories,
  ...deviceStories,
];

const byName = new Map(allStories.map((story) => [story.name, story]));

export const storyNames: readonly string[] = [...byName.keys()];

export function storyOf(name: string): Story {
  const story = byName.get(name);
  if (!story) throw new RangeError(`there is no story called ${name}`);
  return story;
}
