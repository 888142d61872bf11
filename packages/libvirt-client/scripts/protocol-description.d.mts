export interface Field {
  readonly name: string;
  readonly type: string;
}

export interface Struct {
  readonly name: string;
  readonly fields: readonly Field[];
}

interface Facts {
  readonly number: string;
  readonly name: string;
  readonly since?: string;
}

export interface EventEntry extends Facts {
  readonly kind: 'event';
  readonly payload: readonly Field[];
}

export interface ProcedureEntry extends Facts {
  readonly kind: 'procedure';
  readonly priority: string;
  readonly effect: string;
  readonly arguments: readonly Field[];
  readonly result: readonly Field[];
  readonly stream?: string;
  readonly files?: string;
}

export interface ProgramDescription {
  readonly program: { readonly name: string; readonly number: string; readonly version: string };
  readonly structs: readonly Struct[];
  readonly entries: readonly (EventEntry | ProcedureEntry)[];
}

export interface EnumDescription {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly value: number }[];
}

export function readProgram(name: 'remote' | 'qemu'): ProgramDescription;
export function readEnums(): EnumDescription[];

export interface MethodDescription {
  readonly kind: 'generated' | 'by hand' | 'left out';
  readonly name: string;
  readonly flags?: string;
  readonly sentence?: string;
}

export function readMethods(): MethodDescription[];
