import { parseArgs } from 'node:util';
import type { TourChoice } from './tour/tour-choice.js';

export type Command =
  { readonly name: 'help' } | { readonly name: 'version' } | { readonly name: 'tour'; readonly choice: TourChoice };

/** The command line is not one of ours. Says what is wrong and what is accepted. */
export class CommandLineProblem extends Error {
  override readonly name = 'CommandLineProblem';
}

const options = {
  driver: { type: 'string' },
  uri: { type: 'string' },
  install: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** @throws CommandLineProblem */
export function readCommandLine(args: readonly string[]): Command {
  // Not strict: parseArgs would refuse in its own words, and those do not say what is accepted.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const words: string[] = [];
  const given = new Map<string, string | undefined>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    checkOption(token.name, token.rawName, token.value);
    given.set(token.name, token.value);
  }
  if (given.has('help')) return { name: 'help' };
  if (given.has('version')) return { name: 'version' };
  const [command, surplus] = words;
  if (command === undefined) return { name: 'help' };
  if (command !== 'tour') throw new CommandLineProblem(`unknown command "${command}"; accepted: tour`);
  if (surplus !== undefined)
    throw new CommandLineProblem(`"${surplus}" is too much; accepted after tour: options only`);
  return { name: 'tour', choice: tourChoice(given) };
}

function checkOption(name: string, rawName: string, value: string | undefined): void {
  if (!Object.hasOwn(options, name)) {
    const accepted = Object.keys(options).map((each) => `--${each}`);
    throw new CommandLineProblem(`unknown option ${rawName}; accepted: ${accepted.join(', ')}`);
  }
  const { type } = options[name as keyof typeof options];
  if (type === 'string' && (value === undefined || value === '')) {
    throw new CommandLineProblem(`${rawName} has no value; accepted: ${rawName} ${valuesOf(name)}`);
  }
  if (type === 'boolean' && value !== undefined) {
    throw new CommandLineProblem(`${rawName} has the value "${value}"; accepted: ${rawName} alone`);
  }
}

function valuesOf(name: string): string {
  return name === 'driver' ? 'fake, libvirt' : 'qemu:///system, qemu+unix:///system?socket=/path';
}

function tourChoice(given: ReadonlyMap<string, string | undefined>): TourChoice {
  const driver = given.get('driver') ?? 'fake';
  if (driver === 'fake') {
    const misplaced = ['uri', 'install'].find((name) => given.has(name));
    if (misplaced) throw new CommandLineProblem(`--${misplaced} is accepted only with --driver libvirt`);
    return { driver };
  }
  if (driver !== 'libvirt') throw new CommandLineProblem(`--driver is "${driver}"; accepted: ${valuesOf('driver')}`);
  const uri = given.get('uri');
  return {
    driver,
    ...(uri !== undefined && { uri }),
    missingPackages: given.has('install') ? 'install' : 'name',
  };
}
