import type { AnyProcedure, EventMessage } from '../../src/procedures/procedure.js';
import * as qemu from '../../src/procedures/qemu.gen.js';
import * as remote from '../../src/procedures/remote.gen.js';

type Known = AnyProcedure | EventMessage<unknown>;

const known: ReadonlyMap<string, Known> = new Map(
  [...Object.values(remote), ...Object.values(qemu)]
    .filter((entry) => 'arguments' in entry || 'payload' in entry)
    .map((entry) => [`${entry.program.number}:${entry.number}`, entry as Known]),
);

/** The procedure or event that a packet's header names. @throws Error when the tables do not have it */
export function knownMessage({ program, procedure }: { readonly program: number; readonly procedure: number }): Known {
  const entry = known.get(`${program}:${procedure}`);
  if (entry === undefined) throw new Error(`procedure ${procedure} of program ${program} is not in the tables`);
  return entry;
}
