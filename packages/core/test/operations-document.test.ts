import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decoratedMethods } from '../scripts/decorated-methods.mjs';
import { novaCoverage } from '../src/model/nova-coverage.js';
import { operationNames, operations } from '../src/model/operation-table.js';
import { novaMethods } from './support/nova-methods.js';
import { operationsDocument } from './support/operations-document.js';

const methods = decoratedMethods().map(({ name }) => name);
const sources = new URL('../src/', import.meta.url);
const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(new URL(path, sources), 'utf8'));

describe('Nova’s decorated methods', () => {
  it('are 84', () => {
    expect(Object.keys(novaMethods)).toHaveLength(84);
  });

  it.each(Object.keys(novaMethods))('%s has its place, and one', (method) => {
    const isOperation = operationNames.some((name) => operations[name].nova.includes(method));
    expect([isOperation, method in novaCoverage].filter(Boolean)).toHaveLength(1);
  });

  it.each(Object.entries(novaCoverage))('%s: what does it exists, or there is a reason', (method, place) => {
    expect(Object.keys(novaMethods)).toContain(method);
    if (place.here === null) {
      expect(place.because).toMatch(/\w{3}/);
      return;
    }
    const [className, name] = place.here.split('.');
    const owner = texts.find((text) => text.includes(`export class ${className} `));
    expect(owner).toMatch(new RegExp(`^  (async )?${name}\\(`, 'm'));
  });

  it.each(operationNames)('the method of %s exists', (name) => {
    expect(methods).toContain(operations[name].method);
  });
});

describe('OPERATIONS.md', () => {
  it('is what the table and the sources say', async () => {
    await expect(await operationsDocument()).toMatchFileSnapshot('../OPERATIONS.md');
  });
});
