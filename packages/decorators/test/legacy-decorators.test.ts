import { describe } from 'vitest';
import { describeBehaviour } from './behaviour/index.js';
import { legacyFixtures } from './support/fixtures.js';

const fixtures = await legacyFixtures();

describe('under experimentalDecorators', () => {
  describeBehaviour(fixtures);
});
