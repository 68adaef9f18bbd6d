import { expect, test } from 'bun:test';
import { isReserved } from '../../src/codes/reserved.ts';

test('names of routes, and of what is not there yet, are reserved whatever the case', () => {
  for (const code of ['rest', 'REST', 'robots.txt', 'Favicon.ico', '.well-known', 'metrics', 'admin', 'health']) {
    expect(isReserved(code)).toBe(true);
  }
  for (const code of ['about', 'help', 'blog', 'constructor', '__proto__']) expect(isReserved(code)).toBe(false);
});

test('the first segment counts', () => {
  for (const code of ['rest/v3', 'Rest/x/y', 'health/']) expect(isReserved(code)).toBe(true);
  for (const code of ['v3/rest', 'a/b', '']) expect(isReserved(code)).toBe(false);
});
