import { readFileSync } from 'node:fs';

const report = new URL('../../../../etc/core.api.md', import.meta.url);

/** A public method as the report of the API has it. */
export interface PublicMethod {
  readonly owner: string;
  readonly method: string;
  /** Names of the parameters, in their order. */
  readonly parameters: readonly string[];
}

/** Every method of every class that the package exports. */
export function publicMethods(): readonly PublicMethod[] {
  const classes = readFileSync(report, 'utf8').matchAll(/^export class (\w+)[^\n]*\{\n(.*?)^\}/gms);
  return [...classes].flatMap(([, owner = '', body = '']) =>
    [...withoutConstructor(body).matchAll(/^ {4}(\w+)\((.*?)\): [^\n]*;$/gms)].map(
      ([, method = '', parameters = '']) => ({ owner, method, parameters: namesOf(parameters) }),
    ),
  );
}

/** It has no type of an answer, and would be taken together with the method after it. */
function withoutConstructor(body: string): string {
  return body.replace(/^ {4}constructor\(.*?\);$/ms, '');
}

function namesOf(parameters: string): readonly string[] {
  const flat = parameters.replace(/\{[^}]*\}/gs, '').replace(/<[^>]*>/g, '');
  return flat.split(',').flatMap((each) => /^\s*(?:\.\.\.)?(\w+)\??:/.exec(each)?.[1] ?? []);
}
