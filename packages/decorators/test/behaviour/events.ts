import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InstanceStep } from '@virtkit/decorators';
import { describe, expect, it } from 'vitest';
import { context, instance } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { Journal } from '../support/journal.js';

export function describeEvents({ ComputeManager }: Fixtures): void {
  describe('events', () => {
    const stepOf = (journal: Journal, call = 0) => journal.told('events.start')[call]?.[0] as InstanceStep;

    it('start before the method and finish after it, with Success', async () => {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      manager.bodies['rebootInstance'] = async () => {
        expect(journal.order).toEqual(['events.start']);
      };
      await manager.rebootInstance(context, instance);
      expect(journal.order).toEqual(['events.start', 'events.finish']);
      expect(journal.told('events.finish')).toEqual([[stepOf(journal), { result: 'Success' }]]);
    });

    it('are written before the method’s success reaches its caller', async () => {
      const journal = new Journal();
      const written: string[] = [];
      for (const event of ['events.start', 'events.finish'] as const) {
        journal.reactions[event] = async () => {
          await nextTurn();
          written.push(event);
        };
      }
      await new ComputeManager(journal.services).rebootInstance(context, instance);
      expect(written).toEqual(['events.start', 'events.finish']);
    });

    it('say which step of which instance ran where since when', async () => {
      const journal = new Journal();
      await new ComputeManager(journal.services).rebootInstance(context, instance);
      expect(stepOf(journal)).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as string,
        name: 'compute_reboot_instance',
        instance,
        context,
        host: 'host-1',
        startedAtMs: 1_000,
      });
    });

    it('have an id of their own for each call', async () => {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      await manager.rebootInstance(context, instance);
      await manager.rebootInstance(context, instance);
      expect(stepOf(journal, 0).id).not.toBe(stepOf(journal, 1).id);
    });

    it('keep the mark of a private method, and take the description of a symbol', async () => {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      await manager._doBuildAndRunInstance(instance);
      await manager.bySymbol.evacuate.call(manager, instance);
      expect(stepOf(journal, 0).name).toBe('compute__do_build_and_run_instance');
      expect(stepOf(journal, 1).name).toBe('compute_evacuate');
    });

    it('need no context', async () => {
      const journal = new Journal();
      await new ComputeManager(journal.services)._doBuildAndRunInstance(instance);
      expect(stepOf(journal).context).toBeUndefined();
    });

    it('take the time from the system where the class has no clock, or one that fails', async () => {
      const failing = new Journal({
        now: () => {
          throw new Error('no clock');
        },
      });
      const without = new Journal();
      delete (without.services as { now?: unknown }).now;
      for (const journal of [failing, without]) {
        const before = Date.now();
        await new ComputeManager(journal.services).rebootInstance(context, instance);
        expect(stepOf(journal).startedAtMs).toBeGreaterThanOrEqual(before);
        expect(stepOf(journal).startedAtMs).toBeLessThanOrEqual(Date.now());
      }
    });
  });
}
