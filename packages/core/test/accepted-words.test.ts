import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkedValue } from '../src/driver/checked-value.js';

async function refusal(schema: z.ZodType, value: unknown): Promise<string> {
  return await checkedValue(schema, value, 'INVALID_CONFIGURATION').then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

describe('what is accepted is said in our words, not in those of the schema library', () => {
  it.each([
    [z.object({ name: z.string() }), { name: 7 }, 'a text'],
    [z.object({ name: z.string() }), {}, 'a text'],
    [z.object({ count: z.int() }), { count: 1.5 }, 'a whole number'],
    [z.object({ count: z.number().min(3) }), { count: 1 }, '3 or more'],
    [z.object({ count: z.number().lt(3) }), { count: 3 }, 'less than 3'],
    [z.object({ count: z.number().multipleOf(4) }), { count: 3 }, 'a multiple of 4'],
    [z.object({ name: z.string().max(2) }), { name: 'abc' }, '2 characters or less'],
    [z.object({ list: z.array(z.string()).min(1) }), { list: [] }, '1 entries or more'],
    [z.object({ type: z.enum(['SOFT', 'HARD']) }), { type: 'MEDIUM' }, 'SOFT or HARD'],
    [z.object({ on: z.boolean() }), { on: 'yes' }, 'true or false'],
    [z.object({ id: z.uuid() }), { id: 'x' }, 'a text of the form uuid'],
    [z.object({ either: z.union([z.string(), z.number()]) }), { either: true }, 'a text or a number'],
    [z.object({ known: z.string().optional() }), { unknown: 1 }, 'accepted'],
    [z.strictObject({ known: z.string().optional() }), { unknown: 1 }, 'no field of this name'],
    [z.object({ ours: z.string({ error: 'a name of ours' }) }), { ours: 1 }, 'a name of ours'],
  ])('%#: %j', async (schema, value, words) => {
    const said = await refusal(schema, value);
    expect(said).toContain(words);
    expect(said).not.toMatch(/Invalid input|Invalid option|Too (?:small|big)|expected/);
  });

  it('shows a number that is a measure, and no secret', async () => {
    const schema = z.object({ tokenMs: z.number().max(10), password: z.string().max(3), token: z.int().max(1) });
    const usual = { tokenMs: 1, password: 'a', token: 1 };
    expect(await refusal(schema, { ...usual, tokenMs: 60 })).toContain('tokenMs is 60');
    expect(await refusal(schema, { ...usual, tokenMs: 'canary' })).not.toContain('canary');
    expect(await refusal(schema, { ...usual, password: 'canary' })).not.toContain('canary');
    expect(await refusal(schema, { ...usual, token: 1234 })).not.toContain('1234');
  });
});
