import { expect, test } from 'bun:test';
import { createReservedWords } from '../../src/codes/reserved.ts';

test('the first segments of the router are reserved, whatever the case', () => {
  const reserved = createReservedWords(['/', '/:code', '/*', '/frobnicate/v9/things', 'Wobble', '/a.b']);
  for (const code of ['frobnicate', 'FrobNicate', 'wobble', 'WOBBLE', 'a.B']) expect(reserved.has(code)).toBe(true);
  for (const code of ['v9', 'things', ':code', '*', '', 'code', 'frobnicat']) expect(reserved.has(code)).toBe(false);
});

test('names are kept for what is not there yet', () => {
  const reserved = createReservedWords([]);
  for (const code of ['rest', 'REST', 'robots.txt', 'Favicon.ico', '.well-known', 'metrics', 'admin', 'health']) {
    expect(reserved.has(code)).toBe(true);
  }
  for (const code of ['about', 'help', 'blog', 'constructor', '__proto__']) expect(reserved.has(code)).toBe(false);
});
