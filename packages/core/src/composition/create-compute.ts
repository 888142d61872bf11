import 'reflect-metadata';
import { Container } from 'inversify';
import { forOperator, systemClock } from '../driver/index.js';
import { MemoryStore } from '../memory-store/memory-store.js';
import { InProcessPeers } from '../peers/in-process-peers.js';
import { assemble, type ComputePorts } from './assemble.js';
import { computeLog } from './compute-log.js';
import { checkConfiguration, type ComputeOptions } from './compute-options.js';
import { Compute } from './compute.js';
import { namedDriver } from './driver-factory.js';
import { driverModule } from './driver-module.js';
import { tokens } from './tokens.js';

/**
 * The ports of a compute manager in a container, for those who rebind some of them before {@link Compute} is made: what is bound under a
 * token then stands in the place of ours.
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export async function computeContainer(options: ComputeOptions): Promise<Container> {
  const configuration = await checkConfiguration(options);
  const { images, networks, volumes, clock = systemClock } = options;
  const container = new Container();
  container.bind(tokens.configuration).toConstantValue(configuration);
  container.bind(tokens.clock).toConstantValue(clock);
  container.bind(tokens.log).toConstantValue(options.log ?? computeLog());
  container.bind(tokens.store).toConstantValue(options.store ?? new MemoryStore({ now: () => clock.now() }));
  container.bind(tokens.providers).toConstantValue({ images, networks, volumes });
  container.bind(tokens.peers).toConstantValue(options.peers ?? new InProcessPeers({ clock }));
  container.load(...configuration.drivers.map(driverModule));
  container
    .bind(tokens.driver)
    .toDynamicValue((context) =>
      namedDriver(context.get(tokens.configuration).driver, context.getAll(tokens.driverDefinition)),
    );
  container
    .bind(Compute)
    .toDynamicValue((context) => assemble(portsIn(context)))
    .inSingletonScope();
  return container;
}

function portsIn(container: { get: Container['get'] }): ComputePorts {
  return {
    configuration: container.get(tokens.configuration),
    createDriver: container.get(tokens.driver),
    store: container.get(tokens.store),
    providers: container.get(tokens.providers),
    peers: container.get(tokens.peers),
    clock: container.get(tokens.clock),
    log: container.get(tokens.log),
  };
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
