import { secretBrand, type ExceptionNotification } from '@virtkit/decorators';
import { describe, expect, it } from 'vitest';
import { context, instance, otherInstance } from '../support/entities.js';
import type { Fixtures } from '../support/fixtures.js';
import { Journal, thrownBy } from '../support/journal.js';

export function describeNotifications({ ComputeManager, StaticManager }: Fixtures): void {
  describe('exception notifications', () => {
    const failure = new Error('boom');

    function failingManager() {
      const journal = new Journal();
      const manager = new ComputeManager(journal.services);
      const body = () => Promise.reject(failure);
      Object.assign(manager.bodies, { rebootInstance: body, syncHost: body, evacuate: body, nameless: body });
      const notified = () => journal.told('exceptions.notify')[0]?.[0] as ExceptionNotification;
      return { journal, manager, notified };
    }

    it('are not sent when the method succeeds', async () => {
      const journal = new Journal();
      await new ComputeManager(journal.services).syncHost();
      expect(journal.entries).toEqual([]);
    });

    it('say what failed, where, for which request and instance', async () => {
      const { manager, notified } = failingManager();
      await thrownBy(() => manager.rebootInstance(context, instance, 3, { zoo: 3 }));
      expect(notified()).toEqual({
        eventType: 'compute.exception',
        publisher: 'host-1',
        className: 'ComputeManager',
        methodName: 'rebootInstance',
        failure,
        args: [{ instance: 'instance-1' }, 3, { zoo: 3 }],
        instanceUuid: 'instance-1',
        requestId: 'req-1',
      });
      expect(notified().failure).toBe(failure);
    });

    it('of a host-level method name neither instance nor request', async () => {
      const { manager, notified } = failingManager();
      await thrownBy(() => manager.syncHost());
      expect(notified()).not.toHaveProperty('instanceUuid');
      expect(notified()).not.toHaveProperty('requestId');
    });

    it('name no instance where there are several', async () => {
      const { manager, notified } = failingManager();
      await thrownBy(() => manager.syncHost(instance, otherInstance, otherInstance));
      expect(notified()).not.toHaveProperty('instanceUuid');
    });

    it('drop the context whatever its parameter is called, and however deep it hides', async () => {
      const { manager, notified } = failingManager();
      const secretContext = { ...context, token: 'canary-token' };
      await thrownBy(() => manager.syncHost('a', secretContext, { ctxt: [secretContext] }));
      expect(notified().args).toEqual(['a', { ctxt: ['[context]'] }]);
    });

    it('show no secret, by name or by type, at any depth', async () => {
      const { manager, notified } = failingManager();
      const disk = { connectionInfo: { data: { auth_password: 'canary', lun: 1 } } };
      const secret = { [secretBrand]: true, value: 'canary' };
      await thrownBy(() => manager.rebootInstance(context, instance, { disks: [disk], admin_token: 'canary' }, secret));
      expect(JSON.stringify(notified().args)).not.toContain('canary');
      expect(notified().args).toEqual([
        { instance: 'instance-1' },
        {
          disks: [{ connectionInfo: { data: { auth_password: '[redacted]', lun: 1 } } }],
          admin_token: '[redacted]',
        },
        '[redacted]',
      ]);
    });

    it('name a class by what it is when the method is static', async () => {
      const journal = new Journal();
      StaticManager[Symbol.for('virtkit.decorator-services') as never] = journal.services as never;
      await thrownBy(() => StaticManager.pauseInstance(instance, failure));
      expect(journal.told('exceptions.notify')[0]?.[0]).toMatchObject({
        className: 'StaticManager',
        methodName: 'pauseInstance',
        instanceUuid: 'instance-1',
      });
    });

    it('name an object without a class anonymous', async () => {
      const { journal, manager, notified } = failingManager();
      const bare = Object.assign(Object.create(null) as object, {
        [Symbol.for('virtkit.decorator-services')]: journal.services,
      });
      await thrownBy(() => manager.syncHost.call(bare as never));
      expect(notified()).toMatchObject({ className: 'anonymous', methodName: 'syncHost' });
    });

    it('name a method by its symbol', async () => {
      const { journal, manager, notified } = failingManager();
      await thrownBy(() => manager.bySymbol.evacuate.call(manager, instance));
      expect(notified().methodName).toBe('evacuate');
      await thrownBy(() => manager.bySymbol.nameless.call(manager));
      expect(journal.told('exceptions.notify')[1]?.[0]).toMatchObject({ methodName: 'anonymous' });
    });
  });
}
