import type { Field, MethodDescription, ProcedureEntry, ProgramDescription } from './protocol-description.mjs';

export interface GeneratedMethod {
  readonly procedure: ProcedureEntry;
  /** The class that has the method, as `Domain`; `Connection` for those that no object has. */
  readonly className: string;
  readonly method: string;
  /** The argument of the procedure that is the object itself. */
  readonly own: Field | undefined;
  /** The arguments that the method is given, in their order; `options` come last. */
  readonly parameters: readonly Field[];
}

export function generatedMethods(description: {
  readonly remote: ProgramDescription;
  readonly methods: readonly MethodDescription[];
}): GeneratedMethod[];
