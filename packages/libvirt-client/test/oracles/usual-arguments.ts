import type { Field, ProcedureEntry } from '../../scripts/protocol-description.mjs';
import type { Cast } from './cast.js';

/** Arguments of the right types for any procedure, about the objects of the cast where the description tells which. */
export function usualArguments(entry: ProcedureEntry, cast: Cast): Record<string, unknown> {
  return Object.fromEntries(entry.arguments.map((field) => [field.name, usualValue(entry, field, cast)]));
}

function usualValue({ name: procedure }: ProcedureEntry, { name, type }: Field, cast: Cast): unknown {
  const object = objectOf(type, cast);
  if (object !== undefined) return object;
  if (type.endsWith('?')) return null;
  if (type.endsWith(']') && !type.startsWith('char')) return [];
  if (type.startsWith('bytes') || type.startsWith('char')) return new Uint8Array();
  if (type === 'u64' || type === 'i64') return 0n;
  if (type === 'uuid') return subjectOf(procedure, cast).uuid;
  if (type === 'string') return textOf(procedure, name, cast);
  if (type === 'u32' || type === 'i32') return name === 'need_results' ? 1 : name.startsWith('max') ? 16 : 0;
  throw new Error(`${procedure}: no usual value of type ${type}`);
}

function objectOf(type: string, cast: Cast): unknown {
  switch (type) {
    case 'domain':
      return cast.guest;
    case 'network':
      return cast.network;
    case 'networkPort':
      return { net: cast.network, uuid: cast.network.uuid };
    case 'storagePool':
      return cast.pool;
    case 'storageVol':
      return cast.volume;
    case 'secret':
      return cast.secret;
    case 'nwfilter':
      return cast.filter;
    case 'nwfilterBinding':
      return { portdev: 'vnet0', filtername: cast.filter.name };
    case 'interface':
      return cast.iface;
    case 'domainSnapshot':
    case 'domainCheckpoint':
      return { name: cast.snapshotName, dom: cast.guest };
    default:
      return undefined;
  }
}

interface Subject {
  readonly name: string;
  readonly uuid: string;
}

/** The object that a procedure is called after. */
function subjectOf(procedure: string, cast: Cast): Subject {
  if (procedure.startsWith('network')) return cast.network;
  if (procedure.startsWith('storagePool')) return cast.pool;
  if (procedure.startsWith('secret')) return { name: '', uuid: cast.secret.uuid };
  if (procedure.startsWith('nwFilter')) return cast.filter;
  const named = procedure.startsWith('nodeDevice') ? cast.device : cast.iface;
  if (procedure.startsWith('nodeDevice') || procedure.startsWith('interface')) return { name: named.name, uuid: '' };
  return cast.guest;
}

function textOf(procedure: string, field: string, cast: Cast): string {
  if (field === 'mac') return cast.iface.mac;
  if (field === 'arch') return 'x86_64';
  if (field === 'key') return cast.volume.key;
  if (field === 'path') return procedure.startsWith('storage') ? cast.volume.key : 'vda';
  if (field === 'to' || field === 'from') return `${cast.directory}/saved`;
  if (field !== 'name') return `some ${field}`;
  if (procedure.startsWith('storageVol')) return cast.volume.name;
  if (procedure.startsWith('domainSnapshot') || procedure.startsWith('domainCheckpoint')) return cast.snapshotName;
  return subjectOf(procedure, cast).name;
}
