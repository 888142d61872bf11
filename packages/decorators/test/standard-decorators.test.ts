import { describe, expect, it } from 'vitest';
import { describeBehaviour } from './behaviour/index.js';
import { legacyFixtures, standardFixtures } from './support/fixtures.js';

const fixtures = await standardFixtures();

describe('under standard decorators', () => {
  it('runs another compilation of the same classes', async () => {
    const legacy = await legacyFixtures();
    expect(fixtures.ComputeManager).not.toBe(legacy.ComputeManager);
    expect(String(fixtures.ComputeManager)).toContain('__runInitializers');
    expect(String(legacy.ComputeManager)).not.toContain('__runInitializers');
  });

  describeBehaviour(fixtures);
});
