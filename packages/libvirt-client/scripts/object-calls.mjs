/**
 * Turns protocol/methods.protocol into the classes of src/objects/*-calls.gen.ts: one method for each procedure that is
 * worth one, on the object that is its first argument.
 */

/** The objects of libvirt: their class, the struct that names them on the wire, and what their procedures begin with. */
const OBJECTS = [
  { class: 'Connection', prefixes: ['connect', 'domain'] },
  { class: 'Domain', struct: 'domain', prefixes: ['domain'] },
  { class: 'DomainSnapshot', struct: 'domainSnapshot', prefixes: ['domainSnapshot', 'domain'] },
  { class: 'DomainCheckpoint', struct: 'domainCheckpoint', prefixes: ['domainCheckpoint'] },
  { class: 'Network', struct: 'network', prefixes: ['network'] },
  { class: 'NetworkPort', struct: 'networkPort', prefixes: ['networkPort'] },
  { class: 'StoragePool', struct: 'storagePool', prefixes: ['storagePool'] },
  { class: 'StorageVolume', struct: 'storageVol', prefixes: ['storageVol'] },
  { class: 'Secret', struct: 'secret', prefixes: ['secret'] },
  { class: 'NodeDevice', struct: 'nodeDevice', prefixes: ['nodeDevice'] },
  { class: 'NwFilter', struct: 'nwfilter', prefixes: ['nwFilter'] },
  { class: 'NwFilterBinding', struct: 'nwfilterBinding', prefixes: ['nwFilterBinding'] },
  { class: 'Interface', struct: 'interface', prefixes: ['interface'] },
];
const CONNECTION = OBJECTS[0];
const byStruct = new Map(OBJECTS.map((object) => [object.struct, object]));

/** Answers that are 0 or 1. */
const IS_TRUTH = /(Is[A-Z]\w+|Has[A-Z]\w+|GetAutostart(Once)?)$/;
/** Answers that are always 0: what went wrong is an error. */
const SAYS_NOTHING = ['domainRename', 'domainAgentSetResponseTimeout'];
/**
 * Those whose drivers know the flag with which parameters may be strings. The others refuse it as an unsupported flag,
 * so that a procedure which is not listed here is asked without it.
 */
const KNOWS_STRING_OKAY = [
  'domainBlockStatsFlags',
  'domainGetBlkioParameters',
  'domainGetBlockIoTune',
  'domainGetInterfaceParameters',
  'domainGetMemoryParameters',
  'domainGetNumaParameters',
  'nodeGetMemoryParameters',
  'nodeGetSEVInfo',
];
/** Sizes of what the C caller has allocated. Here as many come as there are. */
const ROOM = /^(maxnames|maxStats|maxerrors)$/;
const COUNT = /^(ret|nerrors|nparams)$/;

/** The files to write: their path, and their source. `typeSource` gives the TypeScript type of a type on the wire. */
export function objectCallsFiles({ remote, methods, typeSource }) {
  const known = new Map(remote.entries.filter(({ kind }) => kind === 'procedure').map((entry) => [entry.name, entry]));
  const structs = new Map(remote.structs.map((struct) => [struct.name, struct]));
  requireEvery(known, methods);
  const sources = new Map(OBJECTS.map((object) => [object, []]));
  for (const method of methods) {
    if (method.kind !== 'generated') continue;
    const entry = known.get(method.name);
    const object = objectOf(entry);
    sources.get(object).push(methodSource(entry, method, object, typeSource));
  }
  return OBJECTS.map((object) => ({
    file: `objects/${kebab(object.class)}-calls.gen.ts`,
    source: classSource(object, sources.get(object), structs.get(object.struct), typeSource),
  }));
}

/** Each generated method: the procedure it calls, the class it is a method of, and the arguments that it is given. */
export function generatedMethods({ remote, methods }) {
  const known = new Map(remote.entries.map((entry) => [entry.name, entry]));
  return methods
    .filter(({ kind }) => kind === 'generated')
    .map(({ name }) => {
      const procedure = known.get(name);
      const object = objectOf(procedure);
      const own = object === CONNECTION ? undefined : procedure.arguments[0];
      const parameters = parametersOf(procedure, own);
      return { procedure, className: object.class, method: methodName(name, object), own, parameters };
    });
}

function requireEvery(known, methods) {
  const listed = methods.map(({ name }) => name);
  const twice = listed.filter((name, index) => listed.indexOf(name) !== index);
  const missing = [...known.keys()].filter((name) => !listed.includes(name));
  const unknown = listed.filter((name) => !known.has(name));
  if (twice.length + missing.length + unknown.length === 0) return;
  throw new Error(`methods.protocol: missing: ${missing}; unknown: ${unknown}; twice: ${twice}`);
}

function objectOf({ name, arguments: [first] }) {
  if (name.startsWith('nodeDevice') && !name.includes('Lookup') && first?.name === 'name')
    return byStruct.get('nodeDevice');
  return byStruct.get(first?.type ?? '') ?? CONNECTION;
}

function classSource(object, methods, struct, typeSource) {
  const body = methods.join('\n\n');
  const fields = (struct?.fields ?? []).map((field) => ({ ...field, type: typeSource(field.type) }));
  const members = fields.map(({ name, type }) => `readonly ${name}: ${type};`).join('\n');
  const head =
    struct === undefined
      ? `export abstract class ConnectionCalls implements Caller {
           readonly objectClasses = objectClasses;

           abstract call<Arguments, Result>(procedure: Procedure<Arguments, Result>, args: NoInfer<Arguments>, options?: CallOptions): Promise<Result>;
           abstract openStream<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: NoInfer<Arguments>, options?: CallOptions): Promise<LibvirtStream<Reply>>;\n\n`
      : `export class ${object.class}Calls extends LibvirtObject implements Remote${capitalised(struct.name)} {
           ${members}

           constructor(caller: Caller, { ${fields.map(({ name }) => name).join(', ')} }: Remote${capitalised(struct.name)}) {
             super(caller);
             ${fields.map(({ name }) => `this.${name} = ${name};`).join('\n')}
           }\n\n`;
  return `${importsOf(`${head}${body}`)}\n\n/** The procedures that are methods of \`${object.class}\`, one each. */\n${head}${body}\n}\n`;
}

/** The imports of a file are the names that its text has. */
function importsOf(text) {
  const has = (name) => new RegExp(`\\b${name}\\b`).test(text);
  const list = (names) => names.filter(has).join(', ');
  const remoteTypes = [...new Set(text.match(/\bRemote[A-Z]\w+/g) ?? [])].sort().join(', ');
  const lines = OBJECTS.flatMap((object) => {
    const from = `from './${kebab(object.class)}.js';`;
    if (has(`new ${object.class}`)) return [`import { ${object.class} } ${from}`];
    return has(`objectClasses.${object.class}`) ? [`import type { ${object.class} } ${from}`] : [];
  });
  const twice = list(['askTwice', 'STRING_OKAY']);
  const typed = list(['typedParameters', 'typedValues', 'TypedArguments', 'TypedValues']).replace(/\bT/g, 'type T');
  return [
    has('Procedure') ? `import type { Procedure } from '../procedures/procedure.js';` : '',
    `import * as remote from '../procedures/remote.gen.js';`,
    remoteTypes ? `import type { ${remoteTypes} } from '../procedures/structs.gen.js';` : '',
    has('CallOptions') ? `import type { CallOptions } from '../procedures/call-options.js';` : '',
    has('LibvirtStream') ? `import type { LibvirtStream } from '../rpc/libvirt-stream.js';` : '',
    twice ? `import { ${twice} } from './ask-twice.js';` : '',
    has('Caller') ? `import type { Caller } from './caller.js';` : '',
    ...lines.sort(),
    has('objectClasses = objectClasses') ? `import { objectClasses } from './object-classes.js';` : '',
    has('LibvirtObject') ? `import { LibvirtObject } from './libvirt-object.js';` : '',
    typed ? `import { ${typed} } from '../wire/typed-values.js';` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

function methodSource(entry, { flags, sentence }, object, typeSource) {
  const own = object === CONNECTION ? undefined : entry.arguments[0];
  const asksTwice = entry.arguments.some(({ name }) => name === 'nparams');
  const parameters = parametersOf(entry, own).map((field) => parameterSource(field, typeSource));
  const optionsName = asksTwice ? 'remaining' : 'options';
  const passed = entry.arguments
    .map((field) => argumentSource(field, field === own, asksTwice && KNOWS_STRING_OKAY.includes(entry.name)))
    .join(', ');
  const caller = object === CONNECTION ? 'this' : 'this.caller';
  const call = (verb) => `${caller}.${verb}(remote.${entry.name}, { ${passed} }, ${optionsName})`;
  const { type, body } = entry.stream
    ? { type: `LibvirtStream<${recordType(entry.result, typeSource)}>`, body: `return ${call('openStream')};` }
    : asksTwice
      ? { type: asksFor(entry), body: `return askTwice((nparams, remaining) => ${call('call')}, options);` }
      : resultSource(entry, call('call'), caller, typeSource);
  const async = /\bawait\b/.test(body) ? 'async ' : '';
  const signature = [...parameters, 'options?: CallOptions'].join(', ');
  const name = methodName(entry.name, object);
  return `${docSource(entry, flags, sentence)}\n${async}${name}(${signature}): Promise<${type}> {\n${body}\n}`;
}

/** The arguments of a procedure that a caller of its method gives, in their order. */
function parametersOf({ arguments: fields }, own) {
  return fields.filter((field) => {
    return field !== own && !['nparams', 'need_results'].includes(field.name) && !ROOM.test(field.name);
  });
}

function docSource({ name, since }, flags, sentence) {
  const lines = [`vir${capitalised(name).replace(/^Nw/, 'NW')}.`];
  if (sentence) lines.push(/[.]$/.test(sentence) ? sentence : `${sentence}.`);
  if (flags) lines.push(`\`flags\`: ${flags}.`);
  if (since) lines.push('Newer than libvirt 9.0.0.');
  const words = lines.join(' ').split(' ');
  const wrapped = [''];
  for (const word of words) {
    if (wrapped.at(-1).length + word.length > 108) wrapped.push('');
    wrapped[wrapped.length - 1] += wrapped.at(-1) === '' ? word : ` ${word}`;
  }
  return wrapped.length === 1
    ? `/** ${wrapped[0]} */`
    : `/**\n${wrapped.map((line) => `   * ${line}`).join('\n')}\n   */`;
}

function parameterSource({ name, type }, typeSource) {
  if (name === 'flags' && type === 'u32') return 'flags = 0';
  if (name === 'autostart') return 'autostart: boolean';
  if (type.startsWith('typedParam[')) return `${camel(name)}: TypedArguments`;
  return `${camel(name)}: ${typeSource(type)}`;
}

function argumentSource({ name, type }, isOwn, mayBeStrings) {
  if (isOwn) return type === 'string' ? `${name}: this.${name}` : `${name}: this`;
  if (name === 'nparams') return name;
  if (name === 'need_results') return 'need_results: 1';
  if (ROOM.test(name)) return `${name}: ROOM_${name}`;
  if (name === 'autostart') return 'autostart: autostart ? 1 : 0';
  if (name === 'flags' && mayBeStrings) return 'flags: flags | STRING_OKAY';
  if (type.startsWith('typedParam[')) return `${name}: typedParameters(${camel(name)})`;
  return name === camel(name) ? name : `${name}: ${camel(name)}`;
}

function resultSource({ name, arguments: given, result }, plainCall, caller, typeSource) {
  const room = given.find((field) => ROOM.test(field.name));
  const lists = result.filter(({ type }) => type.endsWith(']') && !type.startsWith('char['));
  const call = room ? plainCall.replace(`ROOM_${room.name}`, /<=(\d+)\]/.exec(lists[0].type)[1]) : plainCall;
  const fields = lists.length === 1 ? result.filter((field) => !COUNT.test(field.name)) : result;
  if (fields.length === 0 || SAYS_NOTHING.includes(name)) return { type: 'void', body: `await ${call};` };
  if (fields.length > 1) return { type: recordType(fields, typeSource), body: `return ${call};` };
  const [{ name: field, type }] = fields;
  if (IS_TRUTH.test(name)) return { type: 'boolean', body: `return (await ${call}).${field} !== 0;` };
  if (type.startsWith('typedParam['))
    return { type: 'TypedValues', body: `return typedValues((await ${call}).${field});` };
  const object = byStruct.get(type);
  if (object)
    return {
      type: object.class,
      body: `const { ${field} } = await ${call};\nreturn new ${makerOf(object, caller)}(${caller}, ${field});`,
    };
  const item = byStruct.get(type.replace(/\[<=\d+\]$/, ''));
  if (item) {
    const each = `const { ${field} } = await ${call};\nreturn ${field}.map((each) => new ${makerOf(item, caller)}(${caller}, each));`;
    return { type: `readonly ${item.class}[]`, body: each };
  }
  return { type: typeSource(type), body: `return (await ${call}).${field};` };
}

/** An object asks its connection for the classes of others: if it loaded them, they would be loaded in a circle. */
function makerOf(object, caller) {
  return caller === 'this' ? object.class : `${caller}.objectClasses.${object.class}`;
}

function recordType(fields, typeSource) {
  if (fields.length === 0) return 'object';
  // Where the line breaks is said here: prettier would need two runs to make up its mind.
  const start = fields.length > 3 ? '{\n' : '{ ';
  return `${start}${fields.map(({ name, type }) => `readonly ${name}: ${typeSource(type)}`).join('; ')} }`;
}

/** `domainFSFreeze` of a domain is `fsFreeze`. */
function methodName(name, object) {
  const prefix = object.prefixes.find((start) => name.startsWith(start) && /[A-Z]/.test(name.charAt(start.length)));
  const rest = prefix === undefined ? name : name.slice(prefix.length);
  return rest.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]/, (start) => start.toLowerCase());
}

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const capitalised = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const kebab = (name) => name.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase();

/** Some that are asked twice answer with numbers only, without types. */
function asksFor({ result }) {
  return result[0].type.startsWith('typedParam[') ? 'TypedValues' : 'Readonly<Record<string, bigint>>';
}
