import type { CallOptions } from '../procedures/call-options.js';
import type { ProcedureCaller } from '../procedures/procedure-caller.js';
import type { Procedure } from '../procedures/procedure.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';
import type { ObjectClasses } from './object-classes.js';

/** What an object needs of its connection. */
export interface Caller extends ProcedureCaller {
  /** The classes of what its calls answer with. */
  readonly objectClasses: ObjectClasses;
  openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<LibvirtStream<Reply>>;
}
