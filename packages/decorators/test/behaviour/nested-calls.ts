import type { InstanceStep, StepOutcome } from '@virtkit/decorators';
import { describe, expect, it } from 'vitest';
import { context, image, instance, migration, otherImage, otherInstance } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { Journal, Preempted, thrownBy } from '../support/journal.js';

export function describeNestedCalls({ ComputeManager, NestedComputeManager }: Fixtures): void {
  type Manager = InstanceType<Fixtures['ComputeManager']>;

  function nestedIn(journal: Journal, bodies: (manager: Manager) => Record<string, () => Promise<unknown>>): Manager {
    const manager = new ComputeManager(journal.services);
    Object.assign(manager.bodies, bodies(manager));
    return manager;
  }

  describe('nested decorated calls', () => {
    const failure = new Error('boom');

    it.each([
      ['an error', failure],
      ['a string', 'boom'],
      ['undefined', undefined],
      ['a registered symbol', Symbol.for('boom')],
      ['a function', () => 'boom'],
    ])('record a failure once: %s', async (_what, thrownInside) => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(thrownInside),
      }));
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(thrownInside);
      expect(journal.order).toEqual([
        'events.start',
        'events.start',
        'faults.record',
        'events.finish',
        'exceptions.notify',
        'events.finish',
        'taskStates.revert',
      ]);
    });

    it('of another request are actions of their own: each reverts, and records its own failure', async () => {
      const journal = new Journal();
      const other = { ...context, requestId: 'req-another' };
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => void (await thrownBy(() => nested.stopInstance(other, instance))),
        stopInstance: () => Promise.reject(failure),
      }));
      await manager.rebootInstance(context, instance);
      expect(journal.told('taskStates.revert')).toEqual([[expect.objectContaining({ failure, context: other })]]);
      expect(journal.count('exceptions.notify')).toBe(1);
    });

    it('of another action of the request are actions of their own', async () => {
      const journal = new Journal();
      const one = { ...context, actionUuid: 'one' };
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => {
          await thrownBy(() => nested.stopInstance({ ...context, actionUuid: 'another' }, instance));
          throw failure;
        },
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.rebootInstance(one, instance));
      expect(journal.count('taskStates.revert')).toBe(2);
      expect(journal.count('faults.record')).toBe(2);
    });

    it('record a failure once when the outer one wraps it', async () => {
      const journal = new Journal();
      const wrapped = new Error('reboot failed', { cause: new Error('stop failed', { cause: failure }) });
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => {
          await thrownBy(() => nested.stopInstance(context, instance));
          throw wrapped;
        },
        stopInstance: () => Promise.reject(failure),
      }));
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(wrapped);
      expect(journal.told('faults.record')).toEqual([[expect.objectContaining({ failure })]]);
      expect(journal.count('exceptions.notify')).toBe(1);
      expect(journal.told('taskStates.revert')).toEqual([[expect.objectContaining({ failure: wrapped })]]);
    });

    it('record two failures that share a cause twice', async () => {
      const journal = new Journal();
      const lost = new Error('the connection is lost');
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => {
          await thrownBy(() => nested.stopInstance(context, instance));
          throw new Error('start failed', { cause: lost });
        },
        stopInstance: () => Promise.reject(new Error('stop failed', { cause: lost })),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.count('faults.record')).toBe(2);
    });

    it('come to an end when causes go round in a circle', async () => {
      const journal = new Journal();
      const one: Error = new Error('one');
      one.cause = new Error('two', { cause: one });
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(one),
      }));
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(one);
      expect(journal.count('faults.record')).toBe(1);
    });

    it('delete an image once and mark a migration once', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        backupInstance: () => nested.snapshotInstance(context, image, instance),
        snapshotInstance: () => Promise.reject(failure),
        resizeInstance: () => nested.finishResize(context, instance, migration),
        finishResize: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.backupInstance(context, image, instance));
      expect(journal.count('images.delete')).toBe(1);
      expect(journal.count('faults.record')).toBe(1);
      expect(journal.count('exceptions.notify')).toBe(1);
      await thrownBy(() => manager.resizeInstance(context, instance, migration));
      expect(journal.count('migrations.markError')).toBe(1);
    });

    it('delete each image that the failure left half-made', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        backupInstance: () => nested.snapshotInstance(context, otherImage, instance),
        snapshotInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.backupInstance(context, image, instance));
      expect(journal.told('images.delete').map(([deleted]) => deleted)).toEqual([otherImage, image]);
    });

    it('are a step each, with an outcome each', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => thrownBy(() => nested.stopInstance(context, instance)),
        stopInstance: () => Promise.reject(failure),
      }));
      await manager.rebootInstance(context, instance);
      const outcomes = journal.told('events.finish') as readonly (readonly [InstanceStep, StepOutcome])[];
      expect(outcomes.map(([step, outcome]) => [step.name, outcome.result])).toEqual([
        ['compute_stop_instance', 'Error'],
        ['compute_reboot_instance', 'Success'],
      ]);
    });

    it('leave the fault of a failure that the outer one gets over', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => thrownBy(() => nested.stopInstance(context, instance)),
        stopInstance: () => Promise.reject(failure),
      }));
      await manager.rebootInstance(context, instance);
      expect(journal.count('faults.record')).toBe(1);
      expect(journal.count('exceptions.notify')).toBe(1);
    });

    it('leave the task state to the outer one, which goes on', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => thrownBy(() => nested.stopInstance(context, instance)),
        stopInstance: () => Promise.reject(failure),
      }));
      await manager.rebootInstance(context, instance);
      expect(journal.count('taskStates.revert')).toBe(0);
    });

    it('revert after all the outer one does about its failure', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.order.lastIndexOf('events.finish')).toBeLessThan(journal.order.indexOf('taskStates.revert'));
      expect(journal.count('taskStates.revert')).toBe(1);
    });

    it('revert nothing when the inner one was preempted', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(new Preempted()),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.count('taskStates.revert')).toBe(0);
      expect(journal.count('log.warn')).toBe(1);
    });

    it('on different instances have separate records', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.stopInstance(context, otherInstance),
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      for (const recorder of ['faults.record', 'taskStates.revert'] as const) {
        expect(journal.told(recorder)).toEqual([
          [expect.objectContaining({ instance: otherInstance })],
          [expect.objectContaining({ instance })],
        ]);
      }
      expect(journal.count('exceptions.notify')).toBe(2);
    });

    it('find the outer hold on an instance behind a call on another', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => thrownBy(() => nested.resizeInstance(context, otherInstance, migration)),
        resizeInstance: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(failure),
      }));
      await manager.rebootInstance(context, instance);
      expect(journal.told('taskStates.revert')).toEqual([[expect.objectContaining({ instance: otherInstance })]]);
    });

    it('of one batch that fail together have a record each', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        syncHost: () => Promise.all([instance, otherInstance].map((each) => nested.stopInstance(context, each))),
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.syncHost());
      expect(journal.count('faults.record')).toBe(2);
      expect(journal.count('taskStates.revert')).toBe(2);
    });

    it('that fail with one error at the same moment leave one record', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () =>
          Promise.all([nested.stopInstance(context, instance), nested.stopInstance(context, instance)]),
        stopInstance: () => Promise.reject(failure),
      }));
      journal.reactions['faults.record'] = () => new Promise((resolve) => setImmediate(resolve));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.count('faults.record')).toBe(1);
    });

    it('in a host-level method add no notification to that of the instance', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        syncHost: () => nested.stopInstance(context, instance),
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.syncHost());
      expect(journal.told('exceptions.notify')).toEqual([[expect.objectContaining({ methodName: 'stopInstance' })]]);
    });

    it('notify again when only the outer one knows the instance', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: () => nested.syncHost(),
        syncHost: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.told('exceptions.notify')).toEqual([
        [expect.not.objectContaining({ instanceUuid: 'instance-1' })],
        [expect.objectContaining({ instanceUuid: 'instance-1' })],
      ]);
    });

    it('of an overridden method record once too', async () => {
      const journal = new Journal();
      const manager = new NestedComputeManager(journal.services);
      manager.bodies['rebootInstance'] = () => Promise.reject(failure);
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.told('exceptions.notify')).toEqual([
        [expect.objectContaining({ className: 'NestedComputeManager', methodName: 'rebootInstance' })],
      ]);
    });

    it('are told from calls one after the other, which are actions of their own', async () => {
      const journal = new Journal();
      const manager = nestedIn(journal, () => ({ rebootInstance: () => Promise.reject(failure) }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.count('faults.record')).toBe(2);
      expect(journal.count('exceptions.notify')).toBe(2);
      expect(journal.count('taskStates.revert')).toBe(2);
    });

    it('are told from work that a finished call left behind', async () => {
      const journal = new Journal();
      const wakeUps: (() => void)[] = [];
      const leftBehind: Promise<unknown>[] = [];
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => {
          const woken = new Promise<void>((resolve) => wakeUps.push(resolve));
          const later = woken.then(() => thrownBy(() => nested.stopInstance(context, instance)));
          leftBehind.push(later);
          throw failure;
        },
        stopInstance: () => Promise.reject(failure),
      }));
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.count('faults.record')).toBe(1);
      for (const wakeUp of wakeUps) wakeUp();
      await Promise.all(leftBehind);
      expect(journal.count('faults.record')).toBe(2);
      expect(journal.count('taskStates.revert')).toBe(2);
    });

    it('that outlive the outer one revert themselves', async () => {
      const journal = new Journal();
      let fail: () => void = () => {};
      const failed = new Promise<never>((_resolve, reject) => {
        fail = () => reject(failure);
      });
      let handedOff: Promise<unknown> | undefined;
      const manager = nestedIn(journal, (nested) => ({
        rebootInstance: async () => {
          handedOff = thrownBy(() => nested.stopInstance(context, instance));
        },
        stopInstance: () => failed,
      }));
      await manager.rebootInstance(context, instance);
      expect(journal.count('taskStates.revert')).toBe(0);
      fail();
      await handedOff;
      expect(journal.count('taskStates.revert')).toBe(1);
    });
  });
}
