import { silentLog } from '@virtkit/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { plainPalette } from '../../src/screen/palette.js';
import { Screen } from '../../src/screen/screen.js';
import { openFakeStage } from '../../src/tour/fake-stage.js';
import { BrokenPromise, PromiseLedger } from '../../src/tour/promise-ledger.js';
import type { Stage } from '../../src/tour/stage.js';
import { playTour } from '../../src/tour/tour-script.js';

async function fakeStage(): Promise<Stage> {
  const stage = await openFakeStage({ log: silentLog });
  onTestFinished(() => stage.close().then(() => undefined));
  return stage;
}

const screen = new Screen({ width: 100, palette: plainPalette }, () => undefined);
const play = (stage: Stage, signal = new AbortController().signal): Promise<PromiseLedger> =>
  playTour(stage, { screen, signal });

describe('the tour breaks off', () => {
  it('when a tenant is told a word of the host', async () => {
    const stage = await fakeStage();
    const leaking = { ...stage, hostWords: [...stage.hostWords, stage.request.name] };
    await expect(play(leaking)).rejects.toThrow(/for the operator alone.*the tenant is not told "web-1"/);
  });

  it('when the operator is not told a word of the host', async () => {
    const stage = await fakeStage();
    const withheld = { ...stage, hostWords: ['10.0.0.99'] };
    await expect(play(withheld)).rejects.toThrow(/the operator is told "10\.0\.0\.99"/);
  });

  it('when the start does not fail after all', async () => {
    const stage = await fakeStage();
    await expect(play({ ...stage, breakStart: async () => {} })).rejects.toThrow('the reboot fails');
  });

  it('when the instance is not repaired', async () => {
    const stage = await fakeStage();
    const unhealed = { ...stage, mendStart: () => stage.breakStart() };
    await expect(play(unhealed)).rejects.toThrow(new BrokenPromise('This does not hold: the reboot succeeds.'));
  });

  it('when it is aborted, and the stage removes what was built', async () => {
    const stage = await fakeStage();
    const abort = new AbortController();
    const stopped = { ...stage, breakStart: async () => abort.abort(new Error('enough')) };
    await expect(play(stopped, abort.signal)).rejects.toThrow();
    expect(await stage.close()).toEqual([]);
  });
});

describe('the ledger', () => {
  it('claims nothing that was not looked at', () => {
    const ledger = new PromiseLedger();
    ledger.keep('repaired', 'it runs', true);
    expect(() => ledger.allKept()).toThrow(/has not looked at: translated/);
  });
});
