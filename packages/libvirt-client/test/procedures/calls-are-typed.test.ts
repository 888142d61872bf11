import { describe, expectTypeOf, it } from 'vitest';
import {
  procedures,
  type qemuProcedures,
  type Connection,
  type Procedure,
  type RemoteDomain,
} from '../../src/index.js';

type ArgumentsOf<P> = P extends Procedure<infer Arguments, infer _Result> ? Arguments : never;
type ResultOf<P> = P extends Procedure<infer _Arguments, infer Result> ? Result : never;

/** Never run: the type checker of the repository reads it, and complains about an unused `ts-expect-error`. */
export function callsThatDoNotCompile(connection: Connection, dom: RemoteDomain): void {
  // @ts-expect-error flags are missing
  void connection.call(procedures.domainGetState, { dom });
  // @ts-expect-error flags are a number
  void connection.call(procedures.domainGetState, { dom, flags: '0' });
  // @ts-expect-error a domain has a uuid
  void connection.call(procedures.domainGetState, { dom: { name: 'n', id: 1 }, flags: 0 });
  // @ts-expect-error there is no such argument
  void connection.call(procedures.domainGetState, { dom, flags: 0, flag: 1 });
  // @ts-expect-error it takes no arguments
  void connection.call(procedures.connectGetHostname, { flags: 0 });
  // @ts-expect-error 64-bit numbers are bigints
  void connection.call(procedures.domainSetMemory, { dom, memory: 1024 });
  // @ts-expect-error an event is no call
  void connection.call(procedures.domainEventCallbackLifecycle, { callbackID: 1 });
}

describe('types', () => {
  it('of a call follow from its procedure', () => {
    expectTypeOf<ArgumentsOf<typeof procedures.domainGetState>>().toEqualTypeOf<{
      readonly dom: RemoteDomain;
      readonly flags: number;
    }>();
    expectTypeOf<ResultOf<typeof procedures.domainGetState>>().toEqualTypeOf<{
      readonly state: number;
      readonly reason: number;
    }>();
    expectTypeOf<ResultOf<typeof procedures.domainGetInfo>['cpuTime']>().toEqualTypeOf<bigint>();
    expectTypeOf<ResultOf<typeof qemuProcedures.domainAgentCommand>['result']>().toEqualTypeOf<string | null>();
  });
});
