import type { DecoratorServices } from './services.js';

/** Now, by the class's own clock. A clock that fails does not stop the work: then it is the system's. */
export function nowMs(services: Pick<DecoratorServices, 'now'>): number {
  try {
    return services.now?.() ?? Date.now();
  } catch {
    return Date.now();
  }
}
