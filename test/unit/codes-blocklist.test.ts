import { describe, expect, test } from 'bun:test';
import Sqids, { defaultOptions } from 'sqids';
import { ALPHABET_CHARACTERS } from '../../src/codes/alphabet.ts';
import { createBlocklist } from '../../src/codes/blocklist.ts';

const isBlocked = createBlocklist();

/** sqids' own verdict, which it keeps to itself. Made once: that prepares all of its words. */
const sqids = new Sqids() as unknown as { isBlockedId(id: string): boolean };
const sqidsBlocks = (code: string) => sqids.isBlockedId(code);

function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET_CHARACTERS[Math.floor(Math.random() * 62)]).join('');
}

describe('the blocklist', () => {
  test('agrees with sqids on each of its words, alone, within, at both ends and in capitals', () => {
    const differing = [...defaultOptions.blocklist]
      .flatMap((word) => [word, word.toUpperCase(), `x${word}`, `${word}Z`, `x${word}Z`, word.slice(1), `9${word}9`])
      .filter((code) => isBlocked(code) !== sqidsBlocks(code));
    expect(differing).toEqual([]);
  });

  test('agrees with sqids on random codes', () => {
    const codes = Array.from({ length: 20_000 }, (_, i) => randomText(4 + (i % 6)));
    expect(codes.filter((code) => isBlocked(code) !== sqidsBlocks(code))).toEqual([]);
  });

  test('blocks some and lets most through', () => {
    expect(isBlocked('xShItx')).toBe(true);
    expect(isBlocked('a1b2c3d')).toBe(false);
  });
});
