import 'reflect-metadata';
import { Container } from 'inversify';
import { MemoryStore } from '../memory-store/memory-store.js';
import { InProcessPeers } from '../peers/in-process-peers.js';
import { forOperator, systemClock } from '../driver/index.js';
import { apiModule } from './api-module.js';
import { computeLog } from './compute-log.js';
import { checkConfiguration, type ComputeOptions } from './compute-options.js';
import { Compute } from './compute.js';
import { coreModule } from './core-module.js';
import { driverModule } from './driver-module.js';
import { hostLifeModule } from './host-life-module.js';
import { tokens } from './tokens.js';

/**
 * The composition root as a container, for those who want to bind parts of their own before the first is made: whatever is
 * rebound under its token replaces ours.
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export async function computeContainer(options: ComputeOptions): Promise<Container> {
  const configuration = await checkConfiguration(options);
  const container = new Container();
  const clock = options.clock ?? systemClock;
  container.bind(tokens.configuration).toConstantValue(configuration);
  container.bind(tokens.clock).toConstantValue(clock);
  container.bind(tokens.log).toConstantValue(options.log ?? computeLog());
  const { images, networks, volumes } = options;
  container.bind(tokens.providers).toConstantValue({ images, networks, volumes });
  container.bind(tokens.peers).toConstantValue(options.peers ?? new InProcessPeers({ clock }));
  container.bind(tokens.store).toConstantValue(options.store ?? new MemoryStore({ now: () => clock.now() }));
  container.load(coreModule, hostLifeModule, apiModule, ...options.drivers.map(driverModule));
  return container;
}

/**
 * A running compute manager in one call, for those who do not care about containers.
 *
 * @throws ComputeError `INVALID_CONFIGURATION`, `UNKNOWN_DRIVER`, `DRIVER_INCOMPATIBLE`, `HYPERVISOR_UNAVAILABLE`; nothing is left running then
 */
export async function createCompute(options: ComputeOptions): Promise<Compute> {
  const compute = await assembled(options);
  await compute.start();
  return compute;
}

async function assembled(options: ComputeOptions): Promise<Compute> {
  try {
    return await (await computeContainer(options)).getAsync(Compute);
  } catch (failure) {
    throw forOperator(failure);
  }
}
