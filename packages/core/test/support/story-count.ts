/** How many random stories are told: so many, or as many as `VIRTKIT_STORIES` says. */
export function storyCount(usually: number): number {
  return Number(process.env['VIRTKIT_STORIES'] ?? usually);
}
