import { describe, expect, it } from 'vitest';
import { context, image, instance, migration } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { Journal, type ServiceName, thrownBy } from '../support/journal.js';

const recorders: readonly (readonly [ServiceName, string])[] = [
  ['events.start', 'starting the event'],
  ['images.delete', 'deleting the image'],
  ['faults.record', 'writing the fault'],
  ['migrations.markError', 'marking the migration'],
  ['events.finish', 'finishing the event'],
  ['taskStates.revert', 'reverting the task state'],
  ['exceptions.notify', 'notifying the exception'],
];

export function describeFailingRecorders({ ComputeManager }: Fixtures): void {
  describe('a recorder that fails', () => {
    const failure = new Error('boom');
    const secondary = new Error('the store is down');

    function failingManager(journal = new Journal()) {
      const manager = new ComputeManager(journal.services);
      const body = () => Promise.reject(failure);
      Object.assign(manager.bodies, { rebootInstance: body, resizeInstance: body, snapshotInstance: body });
      return { journal, manager };
    }

    /** A call that has the recorder at work. */
    function callWith(manager: InstanceType<Fixtures['ComputeManager']>, recorder: ServiceName): Promise<unknown> {
      if (recorder === 'migrations.markError') return manager.resizeInstance(context, instance, migration);
      return manager.snapshotInstance(context, image, instance);
    }

    describe.each(['at once', 'later'] as const)('%s', (when) => {
      it.each(recorders)('never replaces the failure, and only joins it: %s', async (recorder, during) => {
        const undisturbed = failingManager();
        await thrownBy(() => callWith(undisturbed.manager, recorder));

        const { journal, manager } = failingManager();
        journal.fail(recorder, secondary, when);
        const thrown = await thrownBy(() => callWith(manager, recorder));
        expect(thrown.value).toBe(failure);
        expect(journal.told('failures.suppress')).toEqual([[failure, secondary, during]]);
        expect(journal.count('log.error')).toBe(1);
        expect(journal.told('log.error')[0]).toEqual([
          {
            err: secondary,
            during,
            failure: recorder === 'events.start' ? undefined : failure,
            methodName: recorder === 'migrations.markError' ? 'resizeInstance' : 'snapshotInstance',
            instanceUuid: 'instance-1',
          },
          `${during} failed`,
        ]);
        const recorded = journal.order.filter((name) => name !== 'log.error' && name !== 'failures.suppress');
        expect(recorded).toEqual(undisturbed.journal.order);
      });

      it.each(['events.start', 'events.finish'] as const)(
        'does not stop a call that succeeds: %s',
        async (recorder) => {
          const journal = new Journal();
          journal.fail(recorder, secondary, when);
          const manager = new ComputeManager(journal.services);
          manager.bodies['rebootInstance'] = () => Promise.resolve('rebooted');
          expect(await manager.rebootInstance(context, instance)).toBe('rebooted');
          expect(journal.count('events.finish')).toBe(1);
          expect(journal.told('events.finish')[0]?.[1]).toEqual({ result: 'Success' });
          const during = recorder === 'events.start' ? 'starting the event' : 'finishing the event';
          expect(journal.told('log.error')).toEqual([[expect.objectContaining({ during }), `${during} failed`]]);
          expect(journal.order).not.toContain('failures.suppress');
        },
      );

      it('leaves no trace in the outcome when the log fails with it', async () => {
        const { journal, manager } = failingManager();
        for (const [recorder] of recorders) journal.fail(recorder, secondary, when);
        journal.fail('log.error', new Error('the disk is full'), when);
        const thrown = await thrownBy(() => manager.snapshotInstance(context, image, instance));
        expect(thrown.value).toBe(failure);
        expect(journal.told('failures.suppress').map(([, , during]) => during)).toEqual([
          'deleting the image',
          'writing the fault',
          'starting the event',
          'finishing the event',
          'reverting the task state',
          'notifying the exception',
        ]);
      });

      it('is only logged when it cannot be attached', async () => {
        const { journal, manager } = failingManager();
        const unattached = new TypeError('the failure is frozen');
        journal.fail('faults.record', secondary, when);
        journal.fail('failures.suppress', unattached, when);
        const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
        expect(thrown.value).toBe(failure);
        expect(journal.told('log.error').map(([fields]) => (fields as { err: unknown }).err)).toEqual([
          secondary,
          unattached,
        ]);
        expect(journal.told('log.error')[1]?.[1]).toBe('attaching the failure of writing the fault failed');
      });
    });

    it('is only logged by a class that has no way to attach it', async () => {
      const { journal, manager } = failingManager();
      delete (journal.services.failures as { suppress?: unknown }).suppress;
      journal.fail('faults.record', secondary);
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.count('log.error')).toBe(1);
    });

    it('that never settles is waited for no longer than the class says', async () => {
      for (const [recorder, during] of recorders) {
        const { journal, manager } = failingManager(new Journal({ recorderTimeoutMs: 1 }));
        journal.reactions[recorder] = () => new Promise(() => {});
        const thrown = await thrownBy(() => callWith(manager, recorder));
        expect(thrown.value).toBe(failure);
        expect(journal.told('failures.suppress')).toEqual([
          [failure, expect.objectContaining({ message: `${during} took longer than 1 ms` }), during],
        ]);
      }
    });

    it('that is the log and never settles does not hold the call', async () => {
      const { journal, manager } = failingManager(new Journal({ recorderTimeoutMs: 1 }));
      journal.fail('faults.record', secondary);
      journal.reactions['log.error'] = () => new Promise(() => {});
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.count('exceptions.notify')).toBe(1);
    });

    it('to tell kinds of failures apart leaves nothing out', async () => {
      const { journal, manager } = failingManager();
      journal.kindOf = () => {
        throw secondary;
      };
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.order.filter((name) => name !== 'log.error')).toEqual([
        'events.start',
        'faults.record',
        'events.finish',
        'taskStates.revert',
        'exceptions.notify',
      ]);
      expect(journal.told('log.error')[0]?.[0]).toMatchObject({
        err: secondary,
        during: 'telling the kind of the failure',
      });
    });

    it('is logged by a method that has no instance', async () => {
      const { journal, manager } = failingManager();
      manager.bodies['syncHost'] = () => Promise.reject(failure);
      journal.fail('exceptions.notify', secondary);
      await thrownBy(() => manager.syncHost());
      expect(journal.told('log.error')[0]?.[0]).toMatchObject({ methodName: 'syncHost', instanceUuid: undefined });
    });

    it('to log a preemption is forgotten', async () => {
      const { journal, manager } = failingManager();
      journal.kindOf = () => 'preempted';
      journal.fail('log.warn', secondary);
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.count('exceptions.notify')).toBe(1);
    });
  });
}
