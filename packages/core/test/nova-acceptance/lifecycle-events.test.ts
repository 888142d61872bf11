import {
  lifecycleTransitions,
  type DriverDefinition,
  type DriverEnvironment,
  type LifecycleTransition,
} from '@virtkit/core/driver';
import { fakeDriver } from '@virtkit/driver-fake';
import { describe, expect, it } from 'vitest';
import { instanceUuid, runningInstance } from '../support/running-instance.js';

/** A host whose driver says what a test has it say. */
async function withVoice() {
  let environment: DriverEnvironment | undefined;
  const definition: DriverDefinition = {
    ...(fakeDriver as DriverDefinition),
    create: (configuration, given) => (fakeDriver as DriverDefinition).create(configuration, (environment = given)),
  };
  const fake = await runningInstance({ definition });
  const say = async (transition: LifecycleTransition, uuid = instanceUuid): Promise<void> => {
    environment?.emit({ type: 'lifecycle', instanceUuid: uuid, transition, occurredAtMs: fake.clock.now() });
    await fake.clock.advance(1_000);
  };
  return { fake, say };
}

const everyTransition = Object.keys(lifecycleTransitions) as LifecycleTransition[];

describe('Nova’s acceptance cases: lifecycle events', () => {
  it.each(everyTransition)(
    'L1: %s makes the record follow its guest, whatever it implies (Nova: where the guest is as it implies)',
    async (transition) => {
      const { fake, say } = await withVoice();
      await using _ = fake;
      const patch = { vmState: 'stopped', powerState: 'SHUTDOWN' } as const;
      await fake.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
      await say(transition);
      expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
    },
  );

  it.each(everyTransition)('L2: %s that is not true is ignored', async (transition) => {
    const { fake, say } = await withVoice();
    await using _ = fake;
    const before = await fake.store.getInstance(instanceUuid);
    await say(transition);
    expect(await fake.store.getInstance(instanceUuid)).toBe(before);
    expect(before).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
  });

  it('L3: one of an unknown instance is met with silence', async () => {
    const { fake, say } = await withVoice();
    await using _ = fake;
    const lines = fake.logLines.length;
    await say('stopped', '00000000-0000-4000-8000-00000000dead');
    expect(fake.logLines.slice(lines).filter((line) => !line.includes('"level":20'))).toEqual([]);
  });

  it('L4: one that nobody knows is a hint like any other (Nova: never)', async () => {
    const { fake, say } = await withVoice();
    await using _ = fake;
    const patch = { vmState: 'stopped', powerState: 'SHUTDOWN' } as const;
    await fake.store.commit([{ write: 'update-instance', uuid: instanceUuid, patch, guard: {} }]);
    await say('exploded' as LifecycleTransition);
    expect(await fake.store.getInstance(instanceUuid)).toMatchObject({ vmState: 'active', powerState: 'RUNNING' });
  });
});
