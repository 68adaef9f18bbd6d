import { describe, expect, test } from 'bun:test';
import Sqids, { defaultOptions } from 'sqids';
import { ALPHABET_CHARACTERS, isAlphabet, shuffleAlphabet } from '../../src/codes/alphabet.ts';
import { createCodeGenerator, MAX_CODE_LENGTH, MIN_CODE_LENGTH, spansOf } from '../../src/codes/generator.ts';
import { isSlug } from '../../src/codes/grammar.ts';
import { secureRandomBelow } from '../../src/codes/random.ts';
import { seededRandom } from '../support/random.ts';

const LENGTHS = Array.from({ length: MAX_CODE_LENGTH - MIN_CODE_LENGTH + 1 }, (_, i) => MIN_CODE_LENGTH + i);
const ALPHABET = 'k3G7QAel51FCsPW92uEOyrq4Bg8Sbmn0hTxzZjIiXYKfdUDHJLMNRVactopvw6';
const unreserved = () => false;

describe('a generated code', () => {
  test('has exactly the length asked for and is a slug', () => {
    const { generate } = createCodeGenerator({ alphabet: shuffleAlphabet(), isReserved: unreserved });
    for (const length of LENGTHS) {
      for (let i = 0; i < 60; i++) {
        const code = generate(length);
        expect(code).toHaveLength(length);
        expect(isSlug(code)).toBe(true);
      }
    }
  });

  test('has that length at both ends of its range as well', () => {
    for (const random of [() => 0, (bound: number) => bound - 1]) {
      const { generate } = createCodeGenerator({ alphabet: ALPHABET, isReserved: unreserved, random });
      for (const length of LENGTHS) expect(generate(length)).toHaveLength(length);
    }
  });

  test('keeps its length when sqids encodes it anew for a blocked word', () => {
    let offset = 30_000;
    const { generate } = createCodeGenerator({ alphabet: ALPHABET, isReserved: unreserved, random: () => offset++ });
    const unchecked = new Sqids({ alphabet: ALPHABET, blocklist: new Set() });
    const [span] = spansOf(4);
    const codes = new Set<string>();
    let rerolls = 0;
    for (let i = 0; i < 4000; i++) {
      const plain = unchecked.encode([(span?.first ?? 0) + offset]);
      const code = generate(4);
      if (code.length !== 4 || defaultOptions.blocklist.has(code.toLowerCase())) throw new Error(code);
      if (code !== plain) rerolls++;
      codes.add(code);
    }
    expect(rerolls).toBeGreaterThan(2);
    expect(codes.size).toBe(4000);
  });

  test('is harder to guess with every further character', () => {
    const spaces = LENGTHS.map((length) => spansOf(length).reduce((space, { size }) => space * size, 1));
    for (const [i, space] of spaces.entries()) if (i > 0) expect(space).toBeGreaterThan(spaces[i - 1] ?? 0);
  });

  test('is drawn again while it is reserved', () => {
    const drawn: string[] = [];
    const { generate } = createCodeGenerator({
      alphabet: ALPHABET,
      isReserved: (code) => drawn.push(code) < 4,
      random: seededRandom(5),
    });
    expect(generate(7)).toBe(drawn[3] as string);
    expect(new Set(drawn).size).toBe(4);
    const hopeless = createCodeGenerator({ alphabet: ALPHABET, isReserved: () => true });
    expect(() => hopeless.generate(7)).toThrow('reserved');
  });

  test.each([3, 33, 7.5, Number.NaN, -1])('of length %p is not made', (length) => {
    const { generate } = createCodeGenerator({ alphabet: ALPHABET, isReserved: unreserved });
    expect(() => generate(length)).toThrow(RangeError);
  });
});

// An upgrade of sqids that encodes otherwise could hand out codes that are taken: it must show here.
describe('golden vectors', () => {
  test.each([
    { offsets: [0], code: 'hKpp' },
    { offsets: [223_259], code: 'eeee' },
    { offsets: [1_000_000], code: 'h2XUl' },
    { offsets: [0], code: 'hKpppp' },
    { offsets: [0], code: 'Q0ccccc' },
    { offsets: [1], code: '4FzzzzF' },
    { offsets: [12_345_678_901], code: 'Tj1tkTa' },
    { offsets: [50_675_750_159], code: '44440Xx' },
    { offsets: [987_654_321_012], code: '7s6imc9y' },
    { offsets: [123_456_789_012_345], code: 'E5RkLt4PB' },
    { offsets: [8_000_000_000_000_000], code: 'DNLoa8T05r' },
    { offsets: [1_000, 2_000], code: 'keH7bRETTrV' },
    { offsets: [314_159_265, 271_828_182], code: 'paVXQwUzKcZ7Rdi8' },
    { offsets: [1, 22, 333, 4444], code: 'cvsssssv0VuuuuuoOwvvvvchBcbbbcdI' },
    // Encoded anew for a blocked word: the first tries were DEpp and shIT.
    { offsets: [30_946], code: 'mitt' },
    { offsets: [33_826], code: '014Y' },
  ])('$code', ({ offsets, code }) => {
    const next = offsets.values();
    const { generate } = createCodeGenerator({
      alphabet: ALPHABET,
      isReserved: unreserved,
      random: () => next.next().value ?? Number.NaN,
    });
    expect(generate(code.length)).toBe(code);
  });
});

describe('an alphabet', () => {
  test('is each of the 62 characters once, in an order of its own', () => {
    const alphabets = Array.from({ length: 50 }, () => shuffleAlphabet());
    expect(alphabets.every(isAlphabet)).toBe(true);
    expect(new Set(alphabets).size).toBe(50);
    expect(isAlphabet(ALPHABET)).toBe(true);
  });

  test.each([
    '',
    'abc',
    `${ALPHABET_CHARACTERS}-`,
    ALPHABET_CHARACTERS.slice(1),
    `a${ALPHABET_CHARACTERS.slice(1)}`.replace('b', 'a'),
  ])('is not %j', (text) => {
    expect(isAlphabet(text)).toBe(false);
    expect(() => createCodeGenerator({ alphabet: text, isReserved: unreserved })).toThrow('alphabet');
  });

  test('has every character in every place about equally often', () => {
    const places = new Map<string, number>();
    const rounds = 6200;
    for (let i = 0; i < rounds; i++) {
      const first = shuffleAlphabet()[0] ?? '';
      places.set(first, (places.get(first) ?? 0) + 1);
    }
    // 100 expected each, standard deviation 10: seven of them on either side.
    for (const count of places.values()) expect(Math.abs(count - 100)).toBeLessThan(70);
    expect(places.size).toBe(62);
  });
});

describe('the secure random number', () => {
  test('is uniform where a plain modulo would not be', () => {
    // Three quarters of 2^53: taken modulo the bound, the lower third would come twice as often.
    const bound = 0.75 * 2 ** 53;
    let inLowerThird = 0;
    for (let i = 0; i < 30_000; i++) {
      const n = secureRandomBelow(bound);
      expect(Number.isSafeInteger(n) && n >= 0 && n < bound).toBe(true);
      if (n < bound / 3) inLowerThird++;
    }
    expect(inLowerThird).toBeGreaterThan(9400);
    expect(inLowerThird).toBeLessThan(10_600);
  });

  test('reaches every value of a small range', () => {
    expect(new Set(Array.from({ length: 500 }, () => secureRandomBelow(7))).size).toBe(7);
    expect(secureRandomBelow(1)).toBe(0);
  });
});
