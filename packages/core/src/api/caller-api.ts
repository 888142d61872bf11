import type { RebootType } from '../driver/index.js';
import { knownFields } from '../model/known-fields.js';
import { requestContext, type RequestContext, type RequestContextFields } from '../model/request-context.js';
import { tenantInstance, type TenantInstance } from '../model/tenant-instance.js';
import type { Records } from '../records/records.js';
import type { AcceptedAction } from '../requests/acceptance.js';
import { checkedRequest } from '../requests/checked-request.js';
import { requestFields, type RequestOptions } from '../requests/request-options.js';
import { ActionHandle } from './action-handle.js';
import { rebootTypes, type ComputeApi } from './compute-api.js';
import type { ConsolesApi } from './consoles-api.js';
import { forCaller, type ForCaller } from './for-caller.js';
import type { GuestApi } from './guest-api.js';
import type { ImagesApi } from './images-api.js';
import type { InterfacesApi } from './interfaces-api.js';
import { listOptions, type ListOptions } from './list-options.js';
import { Listing } from './listing.js';
import type { MovesApi } from './moves-api.js';
import type { RepairApi } from './repair-api.js';
import type { VolumesApi } from './volumes-api.js';

const instanceCalls = [
  'create',
  'get',
  'delete',
  'softDelete',
  'restore',
  'start',
  'stop',
  'forceStop',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'lock',
  'unlock',
  'listFaults',
  'diagnostics',
] as const satisfies readonly (keyof ComputeApi)[];

type InstanceCalls = Pick<ComputeApi, (typeof instanceCalls)[number]> & Pick<RepairApi, keyof RepairApi>;

const rebootOptions = knownFields(
  { ...requestFields, type: rebootTypes.default('SOFT') },
  'an object of options',
).prefault({});

export interface RebootOptions extends RequestOptions {
  /** `SOFT` asks the guest, and falls back to `HARD`, which starts it again from its spec. Default `SOFT`. */
  readonly type?: RebootType;
}

/** The instances of one caller. */
export interface CallerInstances extends ForCaller<InstanceCalls> {
  /** Starts an instance anew. A `HARD` reboot also repairs an instance in `error`. */
  reboot(instanceUuid: string, options?: RebootOptions): Promise<ActionHandle>;
  /** A tenant's own instances, everybody's for an administrator; by uuid, in pages. @throws ComputeError `INVALID_INPUT` */
  list(options?: ListOptions): Listing<TenantInstance>;
}

/** The consoles of one caller's instances. */
export interface CallerConsoles extends ForCaller<Pick<ConsolesApi, 'create'>> {
  /** The end of what a guest has written to its serial port. */
  readonly output: ForCaller<Pick<ComputeApi, 'getConsoleOutput'>>['getConsoleOutput'];
}

/** The actions of one caller's instances. */
export interface CallerActions {
  /** The handle of an action that was accepted before, by whichever process. @throws ComputeError `ACTION_NOT_FOUND` */
  handle(actionUuid: string): Promise<ActionHandle>;
  /** An action as it is now. @throws ComputeError `ACTION_NOT_FOUND` */
  readonly get: ForCaller<Pick<ComputeApi, 'getAction'>>['getAction'];
  /** The actions of an instance, newest first. */
  readonly list: ForCaller<Pick<ComputeApi, 'listActions'>>['listActions'];
}

export interface CallerApiParts {
  readonly api: ComputeApi;
  readonly records: Records;
}

/**
 * The API in the hands of one caller: who asks is said once, and what is accepted comes as an {@link ActionHandle}. Holds nothing open; make
 * one for each user of yours, or one for each of their requests, as is handier. Errors as for `ComputeApi`.
 */
export class CallerApi {
  readonly instances: CallerInstances;
  readonly volumes: ForCaller<VolumesApi>;
  readonly interfaces: ForCaller<InterfacesApi>;
  /** What makes images of instances, and what puts instances away. */
  readonly images: ForCaller<ImagesApi>;
  /** What takes instances to other flavors and hosts. */
  readonly migrations: ForCaller<MovesApi>;
  readonly consoles: CallerConsoles;
  /** Requests to the agent inside a guest. */
  readonly guestAgent: ForCaller<GuestApi>;
  readonly actions: CallerActions;

  /** @throws ComputeError `INVALID_INPUT` */
  constructor({ api, records }: CallerApiParts, caller: RequestContextFields) {
    // Checked here once; every call is a request of its own, unless the caller has named the request.
    requestContext(caller);
    const contextOf = (): RequestContext => requestContext(caller);
    const handleOf = (accepted: AcceptedAction): ActionHandle => {
      const { uuid, instanceUuid } = accepted.action;
      return new ActionHandle(accepted, {
        cancel: () => api.cancel(contextOf(), uuid),
        readAction: () => api.getAction(contextOf(), uuid),
        readInstance: async () => tenantInstance(await records.store.getInstance(instanceUuid)),
      });
    };
    const of = <Part extends object>(part: Part): ForCaller<Part> => forCaller(part, contextOf, handleOf);

    const own =
      of<Omit<ComputeApi, 'volumes' | 'interfaces' | 'moves' | 'guest' | 'consoles' | 'repair' | 'images'>>(api);
    this.instances = {
      ...picked(own, instanceCalls),
      ...of(api.repair),
      reboot: async (instanceUuid, options) => {
        const { type, ...rest } = checkedRequest(rebootOptions, options, 'options');
        return await own.reboot(instanceUuid, type, rest);
      },
      list: (options) => {
        const { after, limit, ...filters } = (checkedRequest(listOptions, options, 'options') ?? {}) as ListOptions;
        return new Listing((page) => own.list({ ...filters, limit: page.countMax, ...afterOf(page) }), {
          after,
          limit,
        });
      },
    };
    this.volumes = of(api.volumes);
    this.interfaces = of(api.interfaces);
    this.images = of(api.images);
    this.migrations = of(api.moves);
    this.consoles = { ...of(api.consoles), output: own.getConsoleOutput };
    this.guestAgent = of(api.guest);
    this.actions = {
      handle: async (actionUuid) => handleOf(await api.follow(contextOf(), actionUuid)),
      get: own.getAction,
      list: own.listActions,
    };
  }
}

function picked<Calls, Name extends keyof Calls>(calls: Calls, names: readonly Name[]): Pick<Calls, Name> {
  return Object.fromEntries(names.map((name) => [name, calls[name]])) as Pick<Calls, Name>;
}

function afterOf({ after }: { readonly after: string | undefined }): Pick<ListOptions, 'after'> {
  return after === undefined ? {} : { after };
}
