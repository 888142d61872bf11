import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { abortRejection, nothingIsLeft, powerStateIs, rejection } from './expect.js';

export const vifRules: readonly Rule[] = [
  rule({
    name: 'spawn lets the guest run once its network is plugged, and not before',
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await bench.instanceOfDownNetwork();
      const spawning = bench.driver.spawn({ instance });
      const awaited = bench.environment.externalEvents.untilAwaited(instance.uuid);
      // A driver that does not wait has spawned by now, and is found out by the first of the two.
      const first = await Promise.race([awaited.then(() => 'awaits its network'), spawning.then(() => 'runs')]);
      assert.equal(first, 'awaits its network', 'The guest does not wait for its network.');
      const { powerState } = await bench.driver.inspect({ instanceUuid: instance.uuid });
      assert.notEqual(powerState, 'RUNNING', 'The guest runs before its network is plugged.');
      bench.tellOfVifs(instance, 'completed');
      await spawning;
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'spawn whose network fails rejects with VIF_PLUG_FAILED and leaves nothing',
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await bench.instanceOfDownNetwork();
      const rejecting = rejection(bench.driver.spawn({ instance }), 'VIF_PLUG_FAILED');
      await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), rejecting]);
      bench.tellOfVifs(instance, 'failed');
      await rejecting;
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'spawn that is aborted while it waits for the network rejects and leaves nothing',
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await bench.instanceOfDownNetwork();
      const abort = new AbortController();
      const rejecting = abortRejection(bench.driver.spawn({ instance }, { signal: abort.signal }), abort.signal);
      await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), rejecting]);
      abort.abort();
      await rejecting;
      await nothingIsLeft(bench.driver, instance);
    },
  }),

  rule({
    name: 'spawn stops expecting events when it is over',
    troubles: ['downInterface'],
    async prove(bench) {
      const instance = await bench.instanceOfDownNetwork();
      const spawning = bench.driver.spawn({ instance });
      await Promise.race([bench.environment.externalEvents.untilAwaited(instance.uuid), spawning]);
      bench.tellOfVifs(instance, 'completed');
      await spawning;
      assert.equal(bench.environment.externalEvents.expectationCount, 0, 'An expectation was not disposed.');
    },
  }),
];
