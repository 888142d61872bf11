import type { DriverLog } from '@virtkit/core';
import type { Screen } from '../screen/screen.js';
import { explained } from './explained.js';
import { openFakeStage } from './fake-stage.js';
import { keptLog } from './kept-log.js';
import { introduction, notes, title } from './narration.js';
import type { PromiseLedger } from './promise-ledger.js';
import type { Stage } from './stage.js';
import type { TourChoice } from './tour-choice.js';
import { playTour, type TourOptions } from './tour-script.js';

export interface RunTourOptions extends TourOptions {
  /** Takes what went wrong, a line at a time. */
  readonly complain: (line: string) => void;
}

/**
 * Plays the tour and cleans up after it, also when it breaks off or is aborted. Answers whether all was as claimed and
 * nothing is left; what was not, is complained about.
 */
export async function runTour(choice: TourChoice, options: RunTourOptions): Promise<'as claimed' | 'not as claimed'> {
  const { screen, signal, complain } = options;
  const { log, lines } = keptLog();
  screen.heading(title);
  let stage: Stage;
  try {
    stage = await openStage(choice, options, log);
  } catch (failure) {
    complain(explained(failure, signal));
    return 'not as claimed';
  }
  try {
    screen.paragraph(introduction(stage.words.hypervisor));
    const ledger = await playTour(stage, options);
    const left = await closed(stage);
    for (const each of left) complain(`Left behind: ${each}`);
    if (left.length > 0) return 'not as claimed';
    conclude(stage, ledger, screen);
    return 'as claimed';
  } catch (failure) {
    complain(explained(failure, signal));
    if (!signal.aborted && lines.length > 0) complain(`The end of the operator's log:\n${lines.join('\n')}`);
    complain('Cleaning up ...');
    const left = await closed(stage);
    for (const each of left) complain(`Left behind: ${each}`);
    if (left.length === 0) complain('Nothing is left behind.');
    return 'not as claimed';
  }
}

async function openStage(choice: TourChoice, { screen, signal }: TourOptions, log: DriverLog): Promise<Stage> {
  if (choice.driver === 'fake') return await openFakeStage({ log });
  // Whoever takes the fake tour needs nothing of libvirt, not even its code.
  const { openLibvirtStage } = await import('./libvirt/libvirt-stage.js');
  return await openLibvirtStage(choice, { log, signal, note: (line) => screen.note(line) });
}

async function closed(stage: Stage): Promise<readonly string[]> {
  return await stage.close().catch((failure: unknown) => [`what could not be looked for: ${explained(failure)}`]);
}

function conclude({ words }: Stage, ledger: PromiseLedger, screen: Screen): void {
  const kept = ledger.allKept();
  screen.heading('Left behind: nothing');
  screen.paragraph(`${words.afterwards} These promises were looked at on the way:`);
  screen.facts(kept.map((promise) => ({ label: 'kept', text: promise })));
  screen.note(notes.testsGoOn);
}
