import type { CallOptions } from './call-options.js';
import type { Procedure } from './procedure.js';

/** Something that calls procedures of the daemon: a socket, a pool of them, or what stands over either. */
export interface ProcedureCaller {
  call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<Result>;
}
