import type { Procedure } from '../procedures/procedure.js';
import type { CallOptions } from '../rpc/call-options.js';
import type { LibvirtStream } from '../rpc/libvirt-stream.js';
import type { ObjectClasses } from './object-classes.js';

/** What an object needs of its connection. */
export interface Caller {
  /** The classes of what its calls answer with. */
  readonly objectClasses: ObjectClasses;
  call<Arguments, Result>(
    procedure: Procedure<Arguments, Result>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<Result>;
  openStream<Arguments, Reply>(
    procedure: Procedure<Arguments, Reply>,
    args: NoInfer<Arguments>,
    options?: CallOptions,
  ): Promise<LibvirtStream<Reply>>;
}
