import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';

export const blockStatsRules: readonly Rule[] = [
  rule({
    name: 'blockStats counts what the guest writes',
    needs: ['blockStats'],
    troubles: ['volume', 'writeToDisk'],
    async prove(bench) {
      const volume = await bench.volume();
      const instance = await bench.spawned({ blockDevices: [volume] });
      const before = await bench.driver.blockStats({ instance, deviceId: volume.id });
      await bench.writeToDisk(instance, volume.id);
      const after = await bench.driver.blockStats({ instance, deviceId: volume.id });
      assert.ok(after.writeRequests > before.writeRequests, 'The write was not counted.');
      assert.ok(after.writeBytes > before.writeBytes, 'The bytes were not counted.');
      assert.equal(after.errors, before.errors, 'An error was counted.');
    },
  }),
];
