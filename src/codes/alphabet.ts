import { type RandomBelow, secureRandomBelow } from './random.ts';

/** The characters of generated codes, in no particular order; an installation has an order of its own. */
export const ALPHABET_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A new alphabet for a new installation (Fisher–Yates): it is stored, and never changes afterwards. */
export function shuffleAlphabet(random: RandomBelow = secureRandomBelow): string {
  const characters = [...ALPHABET_CHARACTERS];
  const shuffled: string[] = [];
  while (characters.length > 0) shuffled.push(...characters.splice(random(characters.length), 1));
  return shuffled.join('');
}

/** The part of an alphabet that codes without capitals are made of, in its order. */
export function lowerCaseOf(alphabet: string): string {
  return alphabet.replace(/[A-Z]/g, '');
}

/** Whether a stored text is what `shuffleAlphabet` makes: each of the 62 characters once. */
export function isAlphabet(text: string): boolean {
  return [...text].sort().join('') === [...ALPHABET_CHARACTERS].sort().join('');
}
