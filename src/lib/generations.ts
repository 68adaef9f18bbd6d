import { ownText } from './own-text.ts';

/**
 * A bounded cache of what is dear to make from a text. What was asked for lately stays: entries live in a young and an
 * old generation; an old one that is asked for becomes young again, and when the young are many, the old are dropped.
 */
export class Generations<V> {
  readonly #maxYoung: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /** Holds at most `max` entries, and at least the last `max / 2`. */
  constructor(max: number) {
    this.#maxYoung = Math.max(1, max >> 1);
  }

  /** The value of a key, made when it is not there. */
  get(key: string, make: (key: string) => V): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    // Keys are cut out of frames of hundreds of visits, and values out of keys.
    const own = ownText(key);
    const value = this.#old.get(own) ?? make(own);
    if (this.#young.size >= this.#maxYoung) [this.#old, this.#young] = [this.#young, new Map()];
    this.#young.set(own, value);
    return value;
  }
}
