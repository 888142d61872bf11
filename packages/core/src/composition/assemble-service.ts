import { ComputeApi } from '../api/compute-api.js';
import { ComputeService } from '../api/compute-service.js';
import { OperatorApi } from '../api/operator-api.js';
import { ComputeError, type DriverFence } from '../driver/index.js';
import type { Providers } from '../guard/providers.js';
import type { ComputeEvents } from '../model/compute-events.js';
import type { Records } from '../records/records.js';
import type { ExternalEventRouter } from '../requests/external-event-router.js';
import {
  assembleProviders,
  assembleRecords,
  assembleRequests,
  assembleRouter,
  type RequestParts,
  type SharedPorts,
} from './assemble-requests.js';
import type { CheckedService } from './service-options.js';

export interface ServicePorts extends SharedPorts {
  readonly configuration: CheckedService;
}

/** All that an API stands on. */
export interface Requests extends RequestParts {
  readonly router: ExternalEventRouter;
  readonly records: Records;
  readonly events: ComputeEvents;
  readonly providers: Providers;
}

/** Puts a service together on the way of a request that its process has. `name`: who writes, in events and notifications. */
export function assembleService(
  { configuration, clock, log }: ServicePorts,
  name: string,
  requests: Requests,
): ComputeService {
  const { consoleTokenMs, shutdownTimeoutMs, access } = configuration;
  const { hostResources } = access;
  const parts = { ...requests, host: name, clock, log, consoleTokenMs, shutdownTimeoutMs, hostResources };
  return new ComputeService({ ...requests, api: new ComputeApi(parts), operator: new OperatorApi(parts) });
}

/** Puts a service without a host together. Nothing is read or written yet. */
export function assembleLoneService(ports: ServicePorts): ComputeService {
  const { name } = ports.configuration;
  const records = assembleRecords(ports);
  const providers = assembleProviders(ports, ports.configuration, { host: name, fence: nothingToChange });
  const way = assembleRequests(ports, name, records);
  const router = assembleRouter(ports, way, records);
  return assembleService(ports, name, { ...way, router, records, events: records.events, providers });
}

/** A service has no host in whose name it could change anything that providers have. */
const nothingToChange: DriverFence = {
  epoch: 0,
  pass: () => Promise.reject(new ComputeError('SESSION_LOST', {})),
};
