#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { CommandLineProblem, readCommandLine, type Command } from './command-line.js';
import { help } from './help.js';
import { Screen } from './screen/screen.js';
import { terminal } from './screen/terminal.js';
import { nodeProblem } from './supported-node.js';
import { Termination, terminationSignal } from './termination.js';
import { runTour } from './tour/run-tour.js';

const say = (text: string): void => void process.stdout.write(text);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

const problem = nodeProblem(process.versions.node);
if (problem) {
  complain(problem);
  process.exitCode = 1;
} else {
  process.exitCode = await main(process.argv.slice(2));
}

async function main(args: readonly string[]): Promise<number> {
  try {
    return await run(readCommandLine(args));
  } catch (failure) {
    if (!(failure instanceof CommandLineProblem)) throw failure;
    complain(`virtkit: ${failure.message}`);
    return 1;
  }
}

async function run(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      say(help);
      return 0;
    case 'version':
      say(`${await ownVersion()}\n`);
      return 0;
    case 'tour': {
      const signal = terminationSignal(process.stdout, process.stderr);
      const screen = new Screen(terminal(process.stdout, process.env), say);
      const end = await runTour(command.choice, { screen, signal, complain });
      if (signal.reason instanceof Termination) return signal.reason.exitCode;
      return end === 'as claimed' ? 0 : 1;
    }
  }
}

async function ownVersion(): Promise<string> {
  const manifest = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
