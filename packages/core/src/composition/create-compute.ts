import 'reflect-metadata';
import { Container } from 'inversify';
import type { ComputeService } from '../api/compute-service.js';
import { forOperator, systemClock } from '../driver/index.js';
import type { ComputeHost } from './compute-host.js';
import { MemoryStore } from '../memory-store/memory-store.js';
import { InProcessPeers } from '../peers/in-process-peers.js';
import { rolePolicy } from '../requests/access-policy.js';
import { OwnHostPlacement } from '../requests/own-host-placement.js';
import { SpreadPlacement } from '../requests/spread-placement.js';
import { assembleHost, type HostPorts } from './assemble-host.js';
import type { PlacementFactory, SharedPorts } from './assemble-requests.js';
import { assembleLoneService, assembleService } from './assemble-service.js';
import { computeLog } from './compute-log.js';
import { checkConfiguration, type ComputeOptions } from './compute-options.js';
import { Compute } from './compute.js';
import { namedDriver } from './driver-factory.js';
import { driverModule } from './driver-module.js';
import { checkHostOptions, type ComputeHostOptions } from './host-options.js';
import { checkServiceOptions, type ComputeServiceOptions } from './service-options.js';
import type { SharedOptions } from './shared-options.js';
import { tokens } from './tokens.js';

/**
 * A running compute manager in one call, for those who do not care about containers.
 *
 * @throws ComputeError `INVALID_CONFIGURATION`, `UNKNOWN_DRIVER`, `DRIVER_INCOMPATIBLE`, `HYPERVISOR_UNAVAILABLE`; nothing is left running then
 */
export async function createCompute(options: ComputeOptions): Promise<Compute> {
  const compute = await made(async () => await (await computeContainer(options)).getAsync(Compute));
  await compute.start();
  return compute;
}

/**
 * A running host without an API of its own: it carries out what the services of its fleet accept for it.
 *
 * @throws ComputeError as {@link createCompute}
 */
export async function createComputeHost(options: ComputeHostOptions): Promise<ComputeHost> {
  const host = await made(async () => {
    const configuration = await checkHostOptions(options);
    const ports = sharedPorts(options, ownHost(configuration.host));
    const createDriver = namedDriver(configuration.driver, configuration.drivers);
    return (await assembleHost({ ...ports, configuration, createDriver })).host;
  });
  await host.start();
  return host;
}

/**
 * An API for all the hosts of a fleet, in a process that has none itself. Nothing is connected, and the store is first read when somebody asks.
 *
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export async function createComputeService(options: ComputeServiceOptions): Promise<ComputeService> {
  return await made(async () => {
    const configuration = await checkServiceOptions(options);
    return assembleLoneService({ ...sharedPorts(options, spread), configuration });
  });
}

/**
 * The ports of a compute manager in a container, for those who rebind some of them before {@link Compute} is made: what is bound under a
 * token then stands in the place of ours.
 * @throws ComputeError `INVALID_CONFIGURATION`
 */
export async function computeContainer(options: ComputeOptions): Promise<Container> {
  const configuration = await checkConfiguration(options);
  const ports = sharedPorts(options, ownHost(configuration.host));
  const container = new Container();
  container.bind(tokens.configuration).toConstantValue(configuration);
  container.bind(tokens.clock).toConstantValue(ports.clock);
  container.bind(tokens.log).toConstantValue(ports.log);
  container.bind(tokens.store).toConstantValue(ports.store);
  container.bind(tokens.providers).toConstantValue(ports.providers);
  container.bind(tokens.peers).toConstantValue(ports.peers);
  container.bind(tokens.accessPolicy).toConstantValue(ports.accessPolicy);
  container
    .bind(tokens.placement)
    .toDynamicValue((context) =>
      options.placement ? ports.createPlacement : ownHost(context.get(tokens.configuration).host),
    );
  container.load(...configuration.drivers.map(driverModule));
  container
    .bind(tokens.driver)
    .toDynamicValue((context) =>
      namedDriver(context.get(tokens.configuration).driver, context.getAll(tokens.driverDefinition)),
    );
  container
    .bind(Compute)
    .toDynamicValue((context) => assembleCompute(portsIn(context)))
    .inSingletonScope();
  return container;
}

interface ComputePorts extends HostPorts {
  readonly configuration: Awaited<ReturnType<typeof checkConfiguration>>;
}

function portsIn(container: { get: Container['get'] }): ComputePorts {
  return {
    configuration: container.get(tokens.configuration) as ComputePorts['configuration'],
    createDriver: container.get(tokens.driver),
    store: container.get(tokens.store),
    providers: container.get(tokens.providers),
    peers: container.get(tokens.peers),
    createPlacement: container.get(tokens.placement),
    accessPolicy: container.get(tokens.accessPolicy),
    clock: container.get(tokens.clock),
    log: container.get(tokens.log),
  };
}

async function assembleCompute(ports: ComputePorts): Promise<Compute> {
  const { host, requests } = await assembleHost(ports);
  const name = host.host;
  const service = assembleService({ ...ports, configuration: { ...ports.configuration, name } }, name, requests);
  return new Compute({ host, service });
}

const spread: PlacementFactory = (environment) => new SpreadPlacement(environment);

function ownHost(host: string): PlacementFactory {
  return () => new OwnHostPlacement(host);
}

function sharedPorts(options: SharedOptions, usualPlacement: PlacementFactory): SharedPorts {
  const { images, networks, volumes, placement, clock = systemClock } = options;
  return {
    clock,
    log: options.log ?? computeLog(),
    store: options.store ?? new MemoryStore({ now: () => clock.now() }),
    providers: { images, networks, volumes },
    peers: options.peers ?? new InProcessPeers({ clock }),
    createPlacement: placement ? () => placement : usualPlacement,
    accessPolicy: options.accessPolicy ?? rolePolicy,
  };
}

async function made<Made>(make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (failure) {
    throw forOperator(failure);
  }
}
