import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { powerStateIs, rejection } from './expect.js';

/** What drivers can tell of their host, and do to it. */
export const hostRules: readonly Rule[] = [
  rule({
    name: 'getHostUptimeMs tells whole milliseconds that grow',
    needs: ['hostUptime'],
    async prove({ driver }) {
      const first = await driver.getHostUptimeMs({});
      const second = await driver.getHostUptimeMs({});
      assert.ok(Number.isInteger(first) && first >= 0, `The host has been up for ${first} ms.`);
      assert.ok(second >= first, `The host was up for ${first} ms, and then for ${second} ms.`);
    },
  }),

  rule({
    name: 'getHostCpuStats tells times that do not shrink, and a frequency',
    needs: ['hostCpuStats'],
    async prove({ driver }) {
      const first = await driver.getHostCpuStats({});
      const second = await driver.getHostCpuStats({});
      for (const field of ['kernelMs', 'userMs', 'idleMs', 'iowaitMs'] as const) {
        assert.ok(first[field] >= 0 && second[field] >= first[field], `${field} is ${first[field]}, ${second[field]}.`);
      }
      assert.ok(first.frequencyMhz > 0, `frequencyMhz is ${first.frequencyMhz}.`);
    },
  }),

  rule({
    name: 'hostPowerAction reboot stops the guests, and a driver that comes after it finds them SHUTDOWN',
    needs: ['hostPower'],
    troubles: ['secondDriver'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.hostPowerAction({ action: 'reboot' });
      const { driver: second } = await bench.secondDriver();
      await powerStateIs(second, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'hostPowerAction startup of a host that is up leaves its guests running',
    needs: ['hostPower'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.hostPowerAction({ action: 'startup' });
      await powerStateIs(bench.driver, instance, 'RUNNING');
    },
  }),

  rule({
    name: 'setHostMode takes every mode, also twice, and its guests go on',
    needs: ['hostMaintenance'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (const mode of ['disabled', 'disabled', 'maintenance', 'maintenance', 'enabled', 'enabled'] as const) {
        await bench.driver.setHostMode({ mode });
        await powerStateIs(bench.driver, instance, 'RUNNING');
      }
    },
  }),

  rule({
    name: 'resumeStateOnHostBoot leaves the guest RUNNING, also when called again',
    needs: ['resumeOnHostBoot'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await bench.driver.resumeStateOnHostBoot({ instance });
      await powerStateIs(bench.driver, instance, 'RUNNING');
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.resumeStateOnHostBoot({ instance });
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'The second call has changed something.',
      );
    },
  }),

  rule({
    name: 'resumeStateOnHostBoot of a guest that cannot start rejects with GUEST_START_FAILED',
    needs: ['resumeOnHostBoot'],
    troubles: ['breakStart'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await bench.breakStart(instance);
      await rejection(bench.driver.resumeStateOnHostBoot({ instance }), 'GUEST_START_FAILED');
      await powerStateIs(bench.driver, instance, 'SHUTDOWN');
    },
  }),

  rule({
    name: 'deleteInstanceFiles removes the files of a guest that is gone, also when called again',
    needs: ['lingeringFiles'],
    async prove(bench) {
      const instance = await bench.spawned();
      await bench.driver.destroy({ instance, disks: 'keep' });
      for (let call = 0; call < 2; call += 1) {
        await bench.driver.deleteInstanceFiles({ instance });
        assert.deepEqual((await bench.driver.inspect({ instanceUuid: instance.uuid })).belongings, []);
      }
    },
  }),

  rule({
    name: 'deleteInstanceFiles leaves a guest alone that is there',
    needs: ['lingeringFiles'],
    async prove(bench) {
      const instance = await bench.spawned();
      const before = await bench.driver.inspect({ instanceUuid: instance.uuid });
      await bench.driver.deleteInstanceFiles({ instance });
      assert.deepEqual(
        await bench.driver.inspect({ instanceUuid: instance.uuid }),
        before,
        'It has changed something.',
      );
    },
  }),

  rule({
    name: 'powerUpdateEvent leaves the guest in the power state it was told of, also when told again',
    needs: ['powerUpdate'],
    async prove(bench) {
      const instance = await bench.spawned();
      for (const target of ['POWER_OFF', 'POWER_OFF', 'POWER_ON', 'POWER_ON'] as const) {
        await bench.driver.powerUpdateEvent({ instance, target });
        await powerStateIs(bench.driver, instance, target === 'POWER_ON' ? 'RUNNING' : 'SHUTDOWN');
      }
    },
  }),
];
