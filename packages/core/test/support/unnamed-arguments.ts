import type { ComputeManager, Instance, RequestContext } from '@virtkit/core';
import { decoratorServices, wrapException, wrapInstanceFault } from '@virtkit/decorators';

/** An embedder's own method under our decorators, whose parameters have no names: it pauses, through the manager. */
export class UnnamedArguments {
  readonly [decoratorServices]: ComputeManager[typeof decoratorServices];
  readonly #manager: ComputeManager;

  constructor(manager: ComputeManager) {
    this[decoratorServices] = manager[decoratorServices];
    this.#manager = manager;
  }

  async pause(...args: readonly [RequestContext, Instance]): Promise<Instance> {
    return await this.#manager.pauseInstance(...args);
  }
}

// As the decorators are called for `@wrapException @wrapInstanceFault`: no test file is compiled with decorators.
const { prototype } = UnnamedArguments;
const pause: TypedPropertyDescriptor<UnnamedArguments['pause']> = { value: prototype.pause, configurable: true };
const decorated = wrapException(prototype, 'pause', wrapInstanceFault(prototype, 'pause', pause));
Object.defineProperty(prototype, 'pause', decorated);
