import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';
import { rejection } from './expect.js';

export const diagnosticsRules: readonly Rule[] = [
  rule({
    name: 'getDiagnostics tells the figures of a running guest',
    needs: ['diagnostics'],
    async prove(bench) {
      const instance = await bench.spawned();
      const {
        powerState,
        uptimeMs = 0,
        vcpus,
        memory,
        disks,
        networkInterfaces,
      } = await bench.driver.getDiagnostics({ instance });
      assert.equal(powerState, 'RUNNING');
      assert.ok(Number.isInteger(uptimeMs) && uptimeMs >= 0, `uptimeMs is ${uptimeMs}.`);
      assert.equal(vcpus.length, instance.flavor.vcpus, 'There are as many CPUs as in the flavor.');
      for (const { cpuTimeMs } of vcpus) assert.ok(cpuTimeMs >= 0, `cpuTimeMs is ${cpuTimeMs}.`);
      assert.equal(memory.maximumMib, instance.flavor.memoryMib, 'The memory is that of the flavor.');
      for (const { id, readBytes, writeBytes } of disks) {
        assert.ok(readBytes >= 0n && writeBytes >= 0n, `Disk ${id} has read or written less than nothing.`);
      }
      assert.deepEqual(
        networkInterfaces.map(({ macAddress }) => macAddress).sort(),
        instance.networkInterfaces.map(({ macAddress }) => macAddress).sort(),
      );
    },
  }),

  rule({
    name: 'getDiagnostics of a guest that is off rejects with INSTANCE_INVALID_STATE',
    needs: ['diagnostics'],
    async prove(bench) {
      const instance = bench.instance();
      await bench.driver.spawn({ instance, start: 'leave-off' });
      await rejection(bench.driver.getDiagnostics({ instance }), 'INSTANCE_INVALID_STATE');
    },
  }),
];
