import { describe, expect, it } from 'vitest';
import { allMoveStories } from './support/further-move-stories.js';
import { beginMove, endMove, preparedMove, problemsOfMove, type MoveScene } from './support/move-case.js';
import { instanceUuid } from './support/two-hosts.js';

const live = allMoveStories.filter(({ name }) => name.startsWith('live migration'));

/** When after its begin the guest is switched over, to the millisecond, where all goes well; `undefined` when it stays. */
async function switchMsOf(story: (typeof live)[number], storage: 'own' | 'shared'): Promise<number | undefined> {
  const scene = await preparedMove(story, storage);
  const { clock, datacenter } = scene.hosts;
  const beganMs = clock.now();
  let switchMs: number | undefined;
  const watch = (): void => {
    if (datacenter.hostsRunning(instanceUuid).includes('beta')) switchMs ??= clock.now() - beganMs;
    else if (clock.now() - beganMs < 10_000) clock.after(1, watch);
  };
  watch();
  await endMove(story, scene, await beginMove(story, scene));
  await scene.hosts[Symbol.asyncDispose]();
  return switchMs;
}

/** From that moment on neither the hypervisors nor the managers of the two hosts reach each other. */
function cutAfter(durationMs: number, { hosts, peers }: MoveScene): { readonly strikes: number } {
  const cut = { strikes: 0 };
  hosts.clock.after(durationMs, () => {
    cut.strikes++;
    hosts.datacenter.cutLink('alpha', 'beta');
    peers.arm({ nth: 1, fault: { type: 'refuse' }, times: 'always' });
  });
  return cut;
}

describe.each(['own', 'shared'] as const)('a link that is cut for a while, with %s storage', (storage) => {
  it.each(live.map((story) => [story.name, story] as const))(
    'around the moment of the switch leaves the guest of a %s on one host',
    async (_name, story) => {
      const switchMs = (await switchMsOf(story, storage)) ?? 2_000;
      const broken: string[] = [];
      for (const atMs of [switchMs - 1, switchMs, switchMs + 1, switchMs + 250]) {
        const plan = (scene: MoveScene) => cutAfter(atMs, scene);
        const problems = await problemsOfMove(story, storage, { plan, lasts: 'until it is mended' });
        broken.push(...problems.map((problem) => `cut at ${atMs - switchMs} ms: ${problem}`));
      }
      expect(broken).toEqual([]);
    },
  );
});
