import { describe, expect, it } from 'vitest';
import { context, image, instance, migration } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { ImageGone, InstanceGone, Journal, Preempted, thrownBy } from '../support/journal.js';

export function describeOneFailingCall({ ComputeManager, SmallManager }: Fixtures): void {
  function managerThatThrows(failure: unknown) {
    const journal = new Journal();
    const manager = new ComputeManager(journal.services);
    const body = () => Promise.reject(failure);
    Object.assign(manager.bodies, { rebootInstance: body, resizeInstance: body, snapshotInstance: body });
    return { journal, manager };
  }

  describe('one failing call', () => {
    it('has its effects in the promised order', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(failure);
      manager.bodies['rebootInstance'] = async () => {
        expect(journal.order).toEqual(['events.start']);
        throw failure;
      };
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.order).toEqual([
        'events.start',
        'faults.record',
        'events.finish',
        'taskStates.revert',
        'exceptions.notify',
      ]);
    });

    it('waits for each effect before the next begins', async () => {
      const { journal, manager } = managerThatThrows(new Error('boom'));
      const begunAndDone: string[] = [];
      for (const service of ['events.start', 'faults.record', 'events.finish', 'taskStates.revert'] as const) {
        journal.reactions[service] = async () => {
          begunAndDone.push(`${service} begun`);
          await new Promise((resolve) => setImmediate(resolve));
          begunAndDone.push(`${service} done`);
        };
      }
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(begunAndDone).toEqual([
        'events.start begun',
        'events.start done',
        'faults.record begun',
        'faults.record done',
        'events.finish begun',
        'events.finish done',
        'taskStates.revert begun',
        'taskStates.revert done',
      ]);
    });

    it('marks the migration after the fault and before the event ends', async () => {
      const { journal, manager } = managerThatThrows(new Error('boom'));
      await thrownBy(() => manager.resizeInstance(context, instance, migration));
      expect(journal.order).toEqual([
        'events.start',
        'faults.record',
        'migrations.markError',
        'events.finish',
        'taskStates.revert',
        'exceptions.notify',
      ]);
    });

    it('deletes the image before the fault is written', async () => {
      const { journal, manager } = managerThatThrows(new Error('boom'));
      await thrownBy(() => manager.snapshotInstance(context, image, instance));
      expect(journal.order.slice(0, 3)).toEqual(['events.start', 'images.delete', 'faults.record']);
    });

    it.each([
      ['an error', new Error('boom')],
      ['a frozen error', Object.freeze(new Error('boom'))],
      ['an abort', new DOMException('aborted', 'AbortError')],
      ['a string', 'boom'],
      ['undefined', undefined],
      ['null', null],
      ['a symbol', Symbol('boom')],
      ['an object whose every property throws', new Proxy({}, { get: () => thrower() })],
    ])('rethrows the very value that was thrown: %s', async (_what, failure) => {
      const { journal, manager } = managerThatThrows(failure);
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(Object.is(thrown.value, failure)).toBe(true);
      expect(journal.order).toEqual([
        'events.start',
        'faults.record',
        'events.finish',
        'taskStates.revert',
        'exceptions.notify',
      ]);
    });

    it('tells every recorder what failed, where and when', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(failure);
      await thrownBy(() => manager.resizeInstance(context, instance, migration));
      expect(journal.told('faults.record')).toEqual([
        [{ instance, context, failure, host: 'host-1', occurredAtMs: 1_000 }],
      ]);
      expect(journal.told('migrations.markError')).toEqual([[{ migration, instance, context, failure }]]);
      expect(journal.told('taskStates.revert')).toEqual([[{ instance, context, failure }]]);
      const [[step, outcome]] = journal.told('events.finish') as [[unknown, unknown]];
      expect(step).toBe(journal.told('events.start')[0]?.[0]);
      expect(outcome).toEqual({ result: 'Error', failure });
    });

    it('tells who deletes the image why', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(failure);
      await thrownBy(() => manager.snapshotInstance(context, image, instance));
      expect(journal.told('images.delete')).toEqual([[image, { instance, context, failure }]]);
    });

    it('an instance that is gone gets no fault, and is reverted and notified', async () => {
      const { journal, manager } = managerThatThrows(new InstanceGone());
      await thrownBy(() => manager.rebootInstance(context, instance));
      expect(journal.order).toEqual(['events.start', 'events.finish', 'taskStates.revert', 'exceptions.notify']);
      expect(journal.told('events.finish')[0]?.[1]).toMatchObject({ result: 'Error' });
    });

    it('a preempted call writes its fault and reverts nothing', async () => {
      const failure = new Preempted();
      const { journal, manager } = managerThatThrows(failure);
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.order).toEqual([
        'events.start',
        'faults.record',
        'events.finish',
        'log.warn',
        'exceptions.notify',
      ]);
      expect(journal.told('events.finish')[0]?.[1]).toMatchObject({ result: 'Error' });
      expect(journal.told('log.warn')).toEqual([
        [
          { err: failure, methodName: 'rebootInstance', instanceUuid: 'instance-1' },
          'possibly preempted: the task state is left alone',
        ],
      ]);
    });

    it('an aborted call closes its event and reverts like any other', async () => {
      const { journal, manager } = managerThatThrows(undefined);
      manager.bodies['rebootInstance'] = async () => AbortSignal.abort().throwIfAborted();
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toMatchObject({ name: 'AbortError' });
      expect(journal.told('events.finish')[0]?.[1]).toMatchObject({ result: 'Error' });
      expect(journal.count('taskStates.revert')).toBe(1);
    });

    it('a failure thrown before the first await is a failure like any other', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(undefined);
      manager.bodies['detachVolume'] = () => {
        throw failure;
      };
      const thrown = await thrownBy(() => manager.detachVolume(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.order).toEqual(['faults.record', 'exceptions.notify']);
    });

    it('an instance that vanishes before the revert is no cause for alarm', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(failure);
      journal.fail('taskStates.revert', new InstanceGone());
      const thrown = await thrownBy(() => manager.rebootInstance(context, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.count('taskStates.revert')).toBe(1);
      expect(journal.order).not.toContain('log.error');
      expect(journal.order).not.toContain('failures.suppress');
    });

    it('an image that is gone already is no cause for alarm', async () => {
      const failure = new Error('boom');
      const { journal, manager } = managerThatThrows(failure);
      journal.fail('images.delete', new ImageGone());
      const thrown = await thrownBy(() => manager.snapshotInstance(context, image, instance));
      expect(thrown.value).toBe(failure);
      expect(journal.count('images.delete')).toBe(1);
      expect(journal.order).not.toContain('log.error');
    });

    it('a class that offers only what its decorator demands is served', async () => {
      const failure = new Error('boom');
      const journal = new Journal();
      const manager = new SmallManager(journal.services);
      const thrown = await thrownBy(() => manager.startInstance(instance, failure));
      expect(thrown.value).toBe(failure);
      expect(journal.told('taskStates.revert')).toEqual([[{ instance, context: undefined, failure }]]);
    });
  });
}

function thrower(): never {
  throw new Error('this object is not to be read');
}
