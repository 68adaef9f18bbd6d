/**
 * A bounded cache of what is dear to make. What was asked for lately stays: entries live in a young and an old
 * generation; an old one that is asked for becomes young again, and when the young are many, the old are dropped.
 */
export class Generations<K, V> {
  readonly #maxYoung: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** Holds at most `max` entries, and at least the last `max / 2`. */
  constructor(max: number) {
    this.#maxYoung = Math.max(1, max >> 1);
  }

  /** The value of a key, made when it is not there. */
  get(key: K, make: (key: K) => V): V {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make(key);
    if (this.#young.size >= this.#maxYoung) [this.#old, this.#young] = [this.#young, new Map()];
    this.#young.set(key, value);
    return value;
  }
}
