/** Of a size that was not too much, what is added at a time: 22 rounds from half of it to all of it. */
const GROWTH = 1 / 32;

/**
 * How many visits to send at a time. What was too much for the time that a statement has is halved, and comes back bit
 * by bit: each further try beyond what the database can do costs that whole time. Up to what it could do before (an
 * outage says nothing about that) the size doubles, so that catching up begins at once.
 */
export class BatchSize {
  readonly #maximum: number;
  #visits: number;
  /** The largest that is not known to be too much. */
  #proven: number;

  constructor(maximum: number) {
    this.#maximum = this.#visits = this.#proven = maximum;
  }

  get visits(): number {
    return this.#visits;
  }

  /** A full batch was stored in time. */
  succeeded(): void {
    const more =
      this.#visits < this.#proven ? Math.min(this.#proven, this.#visits * 2) : Math.ceil(this.#visits * (1 + GROWTH));
    this.#visits = Math.min(this.#maximum, more);
    this.#proven = Math.max(this.#proven, this.#visits);
  }

  /** It may have been too much for one call, and was for certain when that took too long. */
  failed({ isTooSlow }: { readonly isTooSlow: boolean }): void {
    this.#visits = Math.max(1, this.#visits >> 1);
    if (isTooSlow) this.#proven = this.#visits;
  }
}
