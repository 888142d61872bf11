import type { Codec } from '../wire/codec.js';
import { struct, type Fields, type StructOf } from '../wire/struct-codec.js';

/** A numbered set of procedures on one socket. */
export interface Program {
  readonly name: string;
  readonly number: number;
  readonly version: number;
}

/** A call that libvirt's daemon answers. Made by the generated tables; given to `connection.call`. */
export interface Procedure<Arguments, Result> extends ProcedureFacts {
  readonly program: Program;
  readonly name: string;
  readonly number: number;
  readonly arguments: Codec<Arguments>;
  readonly result: Codec<Result>;
}

export interface ProcedureFacts {
  /** `high`: the daemon has workers kept for it, so it is answered while slow calls hold all the others. */
  readonly priority: 'high' | 'low';
  /** `change`: it may alter the object it is given. */
  readonly effect: 'read' | 'change';
  /** The call opens a stream of bytes: use `openStream`. */
  readonly stream?: 'receive' | 'send' | 'both';
  /** Its packets carry file descriptors, which Node.js cannot send: the call is refused here. */
  readonly carriesFiles?: 'yes';
  /** The oldest libvirt of which it is known that it has the procedure, where that is later than 9.0.0. */
  readonly since?: string;
}

/** A message that the daemon sends of its own accord. */
export interface EventMessage<Payload> {
  readonly program: Program;
  readonly name: string;
  readonly number: number;
  readonly payload: Codec<Payload>;
  readonly since?: string;
}

/** Any procedure, where its types do not matter. */
export type AnyProcedure = Procedure<unknown, unknown>;

export function procedure<const A extends Fields, const R extends Fields>(
  program: Program,
  number: number,
  name: string,
  facts: ProcedureFacts & { readonly arguments: A; readonly result: R },
): Procedure<StructOf<A>, StructOf<R>> {
  return { ...facts, program, number, name, arguments: struct(facts.arguments), result: struct(facts.result) };
}

export function eventMessage<const P extends Fields>(
  program: Program,
  number: number,
  name: string,
  facts: { readonly payload: P; readonly since?: string },
): EventMessage<StructOf<P>> {
  return { ...facts, program, number, name, payload: struct(facts.payload) };
}
