import {
  decoratorServices,
  revertsTaskState,
  wrapException,
  wrapInstanceEvent,
  wrapInstanceFault,
  type ContextRef,
  type DecoratorServices,
  type InstanceRef,
} from '@virtkit/decorators';

/** The same empty method, with nothing and with the four decorators. Compiled twice: see `decorators.bench.ts`. */
export class Operations {
  readonly [decoratorServices]: DecoratorServices;

  constructor(services: DecoratorServices) {
    this[decoratorServices] = services;
  }

  async bare(_context: ContextRef, _instance: InstanceRef): Promise<void> {}

  @wrapException
  @revertsTaskState
  @wrapInstanceEvent({ prefix: 'compute' })
  @wrapInstanceFault
  async decorated(_context: ContextRef, _instance: InstanceRef): Promise<void> {}
}
