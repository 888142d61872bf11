/**
 * Reads the description files of protocol/ into plain objects. Their notation is explained at the head of each file.
 * A line that is not understood stops everything: half a protocol is worse than none. What comes out is declared in
 * protocol-description.d.mts.
 */
import { readFileSync } from 'node:fs';

const DIRECTORY = new URL('../protocol/', import.meta.url);

export function readProgram(name) {
  const description = { program: { name, number: '', version: '' }, structs: [], entries: [] };
  for (const line of linesOf(`${name}.protocol`)) {
    let match;
    if ((match = /^program (\w+) (0x[0-9a-f]+) version (\d+)$/.exec(line))) {
      description.program = { name: match[1], number: match[2], version: match[3] };
    } else if ((match = /^struct (\w+) \((.*)\)$/.exec(line))) {
      description.structs.push({ name: match[1], fields: fieldsOf(match[2], line) });
    } else if ((match = /^(\d+) (\w+) event \((.*?)\)((?: \w+:\S+)*)$/.exec(line))) {
      const [, number, entry, payload, facts] = match;
      description.entries.push({
        kind: 'event',
        number,
        name: entry,
        payload: fieldsOf(payload, line),
        ...factsOf(facts),
      });
    } else if (
      (match = /^(\d+) (\w+) (high|low) (read|change) \((.*?)\) -> \((.*?)\)((?: \w+(?::\S+)?)*)$/.exec(line))
    ) {
      const [, number, entry, priority, effect, given, result, facts] = match;
      description.entries.push({
        ...{ kind: 'procedure', number, name: entry, priority, effect },
        ...{ arguments: fieldsOf(given, line), result: fieldsOf(result, line), ...factsOf(facts) },
      });
    } else {
      throw new Error(`${name}.protocol: cannot read this line: ${line}`);
    }
  }
  return description;
}

export function readEnums() {
  const enums = [];
  for (const line of linesOf('enums.protocol')) {
    let match;
    if ((match = /^enum (\w+)$/.exec(line))) enums.push({ name: match[1], values: [] });
    else if ((match = /^ {2}(\w+) (-?\d+)$/.exec(line)))
      enums.at(-1).values.push({ name: match[1], value: Number(match[2]) });
    else throw new Error(`enums.protocol: cannot read this line: ${line}`);
  }
  return enums;
}

/** Which procedures are methods. The notation is explained at the head of the file. */
export function readMethods() {
  return linesOf('methods.protocol').map((line) => {
    let match;
    if ((match = /^(\w+) by hand$/.exec(line))) return { kind: 'by hand', name: match[1] };
    if ((match = /^(\w+) left out: .+$/.exec(line))) return { kind: 'left out', name: match[1] };
    if ((match = /^(\w+)(?: flags:(\w+))?(?: (.+))?$/.exec(line))) {
      return { kind: 'generated', name: match[1], flags: match[2], sentence: match[3] };
    }
    throw new Error(`methods.protocol: cannot read this line: ${line}`);
  });
}

function linesOf(file) {
  const lines = readFileSync(new URL(file, DIRECTORY), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

function fieldsOf(text, line) {
  if (text === '') return [];
  return text.split(', ').map((field) => {
    const match = /^(\w+): (\S+)$/.exec(field);
    if (match === null) throw new Error(`cannot read the field "${field}" of: ${line}`);
    return { name: match[1], type: match[2] };
  });
}

function factsOf(text) {
  const facts = {};
  for (const fact of text.split(' ').filter(Boolean)) {
    const [key, value = 'yes'] = fact.split(':');
    if (!['stream', 'files', 'since'].includes(key)) throw new Error(`unknown fact "${fact}"`);
    facts[key] = value;
  }
  return facts;
}
