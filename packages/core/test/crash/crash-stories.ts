import { createRequest } from '../support/fake-compute.js';
import { imageId } from '../support/memory-providers.js';
import { storyNames, storyOf } from '../support/stories/all-stories.js';
import { instanceUuid as uuid, type Story } from '../support/stories/story.js';

/** A build whose image and interface come from providers, so that there is something of theirs to lose in every story. */
const build: Story = {
  name: 'build',
  before: [],
  begin: ({ compute }, context) => {
    const { image: _image, networkInterfaces: _described, ...request } = createRequest({ uuid });
    return compute.api.create(context, { ...request, imageId, networks: [{}] });
  },
  wayOut: 'delete',
};

function storyNamed(name: string): Story {
  return name === build.name ? build : storyOf(name);
}

/** Every operation on one host, once or in several situations, with what comes before it. */
export const crashStories: readonly Story[] = storyNames.map(storyNamed);

/** The stories that come before one. */
export function earlierThan(story: Story): readonly Story[] {
  return story.before.map(storyNamed);
}
