import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Secret } from '@virtkit/core/driver';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';

const password = new Secret('correct horse battery staple');

/** How often a guest is looked at that is to change by itself. */
const LOOK_INTERVAL_MS = 5;

export const guestAgentRules: readonly Rule[] = [
  rule({
    name: "setAdminPassword gives the guest's administrator the password, also when called again",
    needs: ['adminPassword'],
    troubles: ['lookInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (const secret of [new Secret('an older one'), password, password]) {
        await bench.driver.setAdminPassword({ instance, password: secret });
      }
      const { adminPassword } = await bench.lookInside(instance);
      assert.equal(adminPassword, password.reveal(), 'The password is another.');
    },
  }),

  rule({
    name: 'setAdminPassword without an agent rejects with AGENT_UNAVAILABLE, effect none',
    needs: ['adminPassword'],
    troubles: ['silenceAgent'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.silenceAgent(instance);
      const setting = bench.driver.setAdminPassword({ instance, password });
      const { effect } = await rejection(setting, 'AGENT_UNAVAILABLE');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
    },
  }),

  rule({
    name: 'neither a log line nor an error tells the password',
    needs: ['adminPassword'],
    troubles: ['silenceAgent'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.setAdminPassword({ instance, password });
      await bench.silenceAgent(instance);
      const failure = await rejection(bench.driver.setAdminPassword({ instance, password }));
      const told = inspect([failure, bench.environment.logLines], { depth: 12, showHidden: true });
      assert.ok(!told.includes(password.reveal()), 'The password is told.');
    },
  }),

  rule({
    name: 'quiesce freezes the file systems of a running guest, also when called again, and unquiesce thaws them',
    needs: ['quiesce'],
    troubles: ['lookInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      const calls = ['quiesce', 'quiesce', 'unquiesce', 'unquiesce'] as const;
      for (const call of calls) {
        await bench.driver[call]({ instance });
        const { fileSystems } = await bench.lookInside(instance);
        assert.equal(fileSystems, call === 'quiesce' ? 'frozen' : 'writable', `After ${call} they are ${fileSystems}.`);
      }
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'a quiesced guest is thawed by itself when freezeMsMax is over',
    needs: ['quiesce'],
    troubles: ['lookInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.quiesce({ instance, freezeMsMax: 50 });
      while ((await bench.lookInside(instance)).fileSystems === 'frozen') {
        await bench.environment.clock.sleep(LOOK_INTERVAL_MS);
      }
    },
  }),

  rule({
    name: 'quiesce without an agent rejects with AGENT_UNAVAILABLE, effect none',
    needs: ['quiesce'],
    troubles: ['silenceAgent'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.silenceAgent(instance);
      const { effect } = await rejection(bench.driver.quiesce({ instance }), 'AGENT_UNAVAILABLE');
      assert.equal(effect, 'none', `The effect is ${effect}.`);
    },
  }),

  rule({
    name: 'triggerCrashDump tells the running guest to write its crash dump',
    needs: ['crashDump'],
    troubles: ['lookInside'],
    async prove(bench) {
      const instance = await bench.spawned();
      assert.equal((await bench.lookInside(instance)).crashDumpCount, 0);
      await bench.driver.triggerCrashDump({ instance });
      assert.equal((await bench.lookInside(instance)).crashDumpCount, 1, 'The guest was not told.');
    },
  }),

  rule({
    name: 'triggerCrashDump of a guest that is off rejects with INSTANCE_INVALID_STATE',
    needs: ['crashDump'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await rejection(bench.driver.triggerCrashDump({ instance }), 'INSTANCE_INVALID_STATE');
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),
];
