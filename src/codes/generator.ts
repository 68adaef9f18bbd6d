import Sqids from 'sqids';
import { ALPHABET_CHARACTERS, isAlphabet, lowerCaseOf } from './alphabet.ts';
import { createBlocklist } from './blocklist.ts';
import { type RandomBelow, secureRandomBelow } from './random.ts';

/** Bounds of `generate(length)`. REST API v3 asks for at least 4; 32 characters are 170 bits of chance. */
export const MIN_CODE_LENGTH = 4;
export const MAX_CODE_LENGTH = 32;

const isBlocked = createBlocklist();

export interface CodeGenerator {
  /** A random code of exactly this many characters. Throws RangeError outside of the bounds above. */
  generate(length: number): string;
}

export interface CodeGeneratorOptions {
  /** The installation's own order of the 62 characters (`shuffleAlphabet`). */
  readonly alphabet: string;
  /** Whether codes have no capitals. */
  readonly isLowerCase?: boolean;
  /** Codes that must not be given out, such as first segments of routes; asked without regard to case. */
  readonly isReserved: (code: string) => boolean;
  readonly random?: RandomBelow;
}

/** Ready to encode; building it costs some hundred µs, so it is done once for an alphabet. */
export function createCodeGenerator(options: CodeGeneratorOptions): CodeGenerator {
  const { isReserved, random = secureRandomBelow } = options;
  if (!isAlphabet(options.alphabet)) {
    throw new Error('The alphabet of short codes must hold each of a–z, A–Z and 0–9 once.');
  }
  const alphabet = options.isLowerCase ? lowerCaseOf(options.alphabet) : options.alphabet;
  const sqids = new Sqids({ alphabet });
  const unchecked = new Sqids({ alphabet, blocklist: new Set() });
  const draw = (length: number) => {
    const numbers = spansOf(length, alphabet.length).map(({ first, size }) => first + random(size));
    const code = unchecked.encode(numbers);
    // sqids' own search for blocked words made 3 to 5 µs into 15 to 22; it is asked only to encode such a code anew.
    return isBlocked(code) ? sqids.encode(numbers) : code;
  };
  return {
    generate: (length) =>
      drawUntil(
        (code) => !isReserved(code),
        () => draw(length),
      ),
  };
}

/** Reserved words are a handful among at least 61^3 codes, so a second draw is rare and a hundredth a fault. */
function drawUntil(isGood: (code: string) => boolean, draw: () => string): string {
  for (let draws = 0; draws < 100; draws++) {
    const code = draw();
    if (isGood(code)) return code;
  }
  throw new Error('No short code could be generated: a hundred in a row were reserved.');
}

interface Span {
  readonly first: number;
  readonly size: number;
}

/**
 * The numbers that sqids encodes to exactly `length` characters: each costs one character beside its digits, and
 * up to length 10 (12 without capitals) one number does. Longer codes take as few as possible, evenly long, so that every further
 * character makes a code harder to guess.
 */
export function spansOf(length: number, characters = ALPHABET_CHARACTERS.length): readonly Span[] {
  if (!Number.isInteger(length) || length < MIN_CODE_LENGTH || length > MAX_CODE_LENGTH) {
    throw new RangeError(`A short code has ${MIN_CODE_LENGTH} to ${MAX_CODE_LENGTH} characters, not ${length}.`);
  }
  // sqids takes one of the characters as a prefix or separator before each number.
  const base = characters - 1;
  // 61^8 < 2^53 < 61^9: a number of nine digits is drawn from the lower part of their range.
  const maxDigits = Math.ceil(53 / Math.log2(base));
  const count = Math.ceil(length / (maxDigits + 1));
  const digits = length - count;
  return Array.from({ length: count }, (_, i) => spanOf(base, Math.floor((digits + i) / count)));
}

function spanOf(base: number, digits: number): Span {
  const first = base ** (digits - 1);
  return { first, size: Math.min(base ** digits, Number.MAX_SAFE_INTEGER) - first };
}
