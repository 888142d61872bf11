import { decoratorServices, revertsTaskState, wrapException, wrapInstanceEvent } from '@virtkit/decorators';
import { describe, expect, it } from 'vitest';
import { context, image, instance, migration, otherInstance } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { Journal, thrownBy } from '../support/journal.js';

export function describeDecoratedMethods({ ComputeManager, SmallManager, StaticManager }: Fixtures): void {
  describe('a decorated method', () => {
    it('gets its arguments and its object, and gives its result', async () => {
      const manager = new ComputeManager(new Journal().services);
      const result = { rebooted: true };
      manager.bodies['rebootInstance'] = async (...args) => {
        expect(args).toEqual([context, instance, 'HARD', undefined]);
        return result;
      };
      expect(await manager.rebootInstance(context, instance, 'HARD', undefined)).toBe(result);
    });

    it('keeps its name, its length and its place', () => {
      const { rebootInstance, resizeInstance, bySymbol } = ComputeManager.prototype;
      const { evacuate } = bySymbol;
      expect([rebootInstance.name, resizeInstance.name, evacuate.name]).toEqual([
        'rebootInstance',
        'resizeInstance',
        '[evacuate]',
      ]);
      expect([rebootInstance.length, resizeInstance.length, evacuate.length]).toEqual([2, 3, 1]);
      for (const property of ['name', 'length']) {
        expect(Object.getOwnPropertyDescriptor(rebootInstance, property)).toMatchObject({
          configurable: true,
          enumerable: false,
          writable: false,
        });
      }
      expect(Object.getOwnPropertyDescriptor(ComputeManager.prototype, 'rebootInstance')).toEqual({
        value: rebootInstance,
        configurable: true,
        enumerable: false,
        writable: true,
      });
    });

    it('finds its instance by its mark, wherever it stands among the arguments', async () => {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      manager.bodies['snapshotInstance'] = () => Promise.reject(new Error('boom'));
      await thrownBy(() => manager.snapshotInstance(context, image, instance));
      expect(journal.told('faults.record')).toEqual([[expect.objectContaining({ instance, context })]]);
    });

    it.each([
      ['no instance', [context, null, undefined, 'instance', {}], '0 of its 5 arguments are one'],
      ['two instances', [context, instance, otherInstance], '2 of its 3 arguments are one'],
      ['no arguments', [], '0 of its 0 arguments are one'],
    ])('called with %s says so before anything has changed', async (_what, args, found) => {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      manager.bodies['rebootInstance'] = () => Promise.reject(new Error('the body should not have run'));
      const { value } = await thrownBy(() => manager.rebootInstance(...(args as [never, never])));
      expect(value).toEqual(
        new TypeError(`rebootInstance() takes exactly one instance (a value marked with [entity]); ${found}`),
      );
      expect(journal.entries).toEqual([]);
    });

    it('called without its migration or its image says so', async () => {
      const manager = new ComputeManager(new Journal().services);
      const resized = await thrownBy(() => manager.resizeInstance(context, instance, null as never));
      expect(resized.value).toMatchObject({ name: 'TypeError', message: expect.stringContaining('one migration') });
      const snapshot = await thrownBy(() => manager.snapshotInstance(context, migration as never, instance));
      expect(snapshot.value).toMatchObject({ name: 'TypeError', message: expect.stringContaining('one image') });
    });

    it('called without its instance says so whichever decorator demands it', async () => {
      const { services } = new Journal();
      const manager = new ComputeManager(services);
      const small = new SmallManager(services);
      const { pauseInstance } = StaticManager;
      for (const call of [
        () => manager._doBuildAndRunInstance(context as never),
        () => small.startInstance(context as never, new Error('the body should not have run')),
        () => pauseInstance.call(manager as never, context as never, new Error('the body should not have run')),
      ]) {
        const { value } = await thrownBy(call);
        expect(value).toMatchObject({ name: 'TypeError', message: expect.stringContaining('one instance') });
      }
    });

    it('knows the marks and the services by their registered names', async () => {
      const journal = new Journal();
      const marked = { [Symbol.for('virtkit.entity')]: 'instance', uuid: 'instance-3' };
      const failing = { [Symbol.for('virtkit.decorator-services')]: journal.services };
      const failure = new Error('boom');
      const { value } = await thrownBy(() =>
        StaticManager.pauseInstance.call(failing as never, marked as never, failure),
      );
      expect(value).toBe(failure);
      expect(journal.told('faults.record')).toEqual([[expect.objectContaining({ instance: marked })]]);
    });

    it.each([
      ['nothing', undefined],
      ['null', null],
      ['an object without services', {}],
      ['an object whose services are missing', { [decoratorServices]: null }],
      ['an object whose services are none', { [decoratorServices]: 'log' }],
    ])('called on %s says so', async (_what, self) => {
      const { rebootInstance } = ComputeManager.prototype;
      const { value } = await thrownBy(() => rebootInstance.call(self as never, context, instance));
      expect(value).toEqual(
        new TypeError('rebootInstance() was called on something that offers no services under [decoratorServices]'),
      );
    });

    it('keeps to the layers it was given when a foreign decorator stands between them', async () => {
      const journal = new Journal();
      class Foreign {
        readonly [decoratorServices] = journal.services;
      }
      const body = async (_instance: unknown): Promise<never> => {
        throw new Error('boom');
      };
      const inner = decorate(revertsTaskState, body);
      const outer = decorate(wrapException, async function (this: unknown, ...args: unknown[]) {
        return await inner.apply(this, args);
      });
      await thrownBy(() => outer.call(new Foreign(), instance));
      expect(journal.order).toEqual(['taskStates.revert', 'exceptions.notify']);
    });

    it('is refused where there is no method to decorate', () => {
      const standard = wrapException as unknown as (value: unknown, context: object) => unknown;
      expect(() => standard(undefined, { kind: 'field', name: 'state' })).toThrow(
        new TypeError('only a method can be decorated with this, and state is none'),
      );
      expect(() => standard(class {}, { kind: 'class', name: undefined })).toThrow(
        new TypeError('only a method can be decorated with this, and anonymous is none'),
      );
      const legacy = wrapException as unknown as (prototype: object, key: PropertyKey, descriptor?: object) => unknown;
      expect(() => legacy({}, 'state')).toThrow(
        new TypeError('only a method can be decorated with this, and state is none'),
      );
      expect(() => legacy({}, Symbol('state'), { get: () => 1 })).toThrow(
        new TypeError('only a method can be decorated with this, and state is none'),
      );
    });

    it('is refused an event without a prefix', () => {
      for (const options of [undefined, {}, { prefix: '' }, { prefix: 'a b' }, { prefix: 'a-' }, { prefix: 1 }]) {
        expect(() => wrapInstanceEvent(options as never)).toThrow(TypeError);
      }
      const said = "wrapInstanceEvent takes { prefix: letters, digits and underscores }, for instance 'compute'; got";
      expect(() => wrapInstanceEvent({ prefix: 'a b' })).toThrow(`${said} a b`);
      expect(() => wrapInstanceEvent(undefined as never)).toThrow(`${said} undefined`);
    });
  });
}

function decorate(decorator: unknown, method: (...args: never[]) => Promise<unknown>) {
  const standard = decorator as (value: unknown, context: object) => (...args: unknown[]) => Promise<unknown>;
  return standard(method, { kind: 'method', name: 'foreign' });
}
