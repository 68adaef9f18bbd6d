import { describe, expect, test } from 'bun:test';
import { generateApiKey, isMistyped, looksGenerated } from '../../src/api-keys/key-text.ts';

const GOLDEN = 'hop_0000000000000000000000000000003AfL5v';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('a generated key', () => {
  test('has a prefix, 30 random characters and a checksum', () => {
    const keys = Array.from({ length: 1_000 }, generateApiKey);
    for (const key of keys) expect(key).toMatch(/^hop_[0-9A-Za-z]{36}$/);
    expect(keys.some(isMistyped)).toBe(false);
    expect(new Set(keys).size).toBe(1_000);
  });

  test('uses every character at every random position', () => {
    const keys = Array.from({ length: 2_000 }, generateApiKey);
    for (let at = 4; at < 34; at++) expect(new Set(keys.map((key) => key[at])).size).toBe(62);
  });

  test('keeps its form: keys in use must stay valid', () => {
    expect(looksGenerated(GOLDEN)).toBe(true);
    expect(isMistyped(GOLDEN)).toBe(false);
  });
});

describe('a typo is seen:', () => {
  const key = generateApiKey();

  test('each wrong character', () => {
    for (let at = 4; at < key.length; at++)
      for (const character of BASE62)
        expect(isMistyped(key.slice(0, at) + character + key.slice(at + 1))).toBe(character !== key[at]);
  });

  test('each swap of two neighbours', () => {
    for (let at = 4; at < key.length - 1; at++) {
      const [a = '', b = ''] = key.slice(at, at + 2);
      expect(isMistyped(key.slice(0, at) + b + a + key.slice(at + 2))).toBe(a !== b);
    }
  });
});

test.each(['', 'a', 'hop_', 'initial-key', `${GOLDEN}0`, GOLDEN.slice(0, -1), GOLDEN.toUpperCase(), `x${GOLDEN}`])(
  'the imported key %p is not taken for one of ours',
  (key) => {
    expect(looksGenerated(key)).toBe(false);
    expect(isMistyped(key)).toBe(false);
  },
);
