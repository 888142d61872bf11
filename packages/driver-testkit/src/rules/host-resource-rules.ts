import assert from 'node:assert/strict';
import { rule, type Rule } from '../suite/rule.js';

const counted = ['vcpus', 'memoryMib', 'memoryUsedMib', 'diskGib', 'diskUsedGib'] as const;

export const hostResourceRules: readonly Rule[] = [
  rule({
    name: 'getAvailableResource tells what the host has, in whole numbers, and of what kind it is',
    needs: ['hostResources'],
    async prove(bench) {
      const resources = await bench.driver.getAvailableResource({});
      for (const field of counted) {
        assert.ok(Number.isInteger(resources[field]) && resources[field] >= 0, `${field} is ${resources[field]}.`);
      }
      assert.ok(resources.vcpus > 0 && resources.memoryMib > 0, 'A host has CPUs and memory.');
      assert.match(resources.hypervisorVersion, /^\d+\.\d+\.\d+$/, 'hypervisorVersion is major.minor.patch.');
      assert.notEqual(resources.hypervisorType, '', 'hypervisorType is empty.');
      assert.notEqual(resources.hypervisorHostname, '', 'hypervisorHostname is empty.');
    },
  }),
];
