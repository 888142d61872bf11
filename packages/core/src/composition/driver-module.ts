import { ContainerModule } from 'inversify';
import type { DriverDefinition } from '../driver/index.js';
import { tokens } from './tokens.js';

/** Makes a driver known by its name. Load one for each driver that configuration may choose. */
export function driverModule(definition: DriverDefinition): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(tokens.driverDefinition).toConstantValue(definition);
  });
}
