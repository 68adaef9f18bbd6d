import { invalidData } from '../lib/field-reader.ts';
import { parseIsoDate } from '../lib/iso-date.ts';

/**
 * Reads the parameters of a query one by one and collects the names of those that are wrong, so that a client learns of
 * all at once. An empty value counts as not there, as in the forms that clients make queries of.
 */
export class QueryParams {
  readonly #values: Map<string, string[]>;
  readonly #invalid: string[] = [];

  /** @param url of a request; only what follows its first question mark is looked at, since its host may be anything */
  constructor(url: string) {
    const start = url.indexOf('?');
    const pairs = new URLSearchParams(start === -1 ? '' : url.slice(start + 1));
    const byName = Map.groupBy(pairs, ([name]) => name.replace(/\[\w*\]$/, ''));
    this.#values = new Map([...byName].map(([name, found]) => [name, found.map(([, value]) => value)]));
  }

  /** The last one, if there are several. */
  text(name: string): string | undefined {
    return this.read(name, (value) => (value.includes('\0') ? undefined : value));
  }

  integer(name: string, minimum: number, maximum: number): number | undefined {
    return this.read(name, (value) => {
      const number = /^[+-]?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= minimum && number <= maximum ? number : undefined;
    });
  }

  boolean(name: string): boolean | undefined {
    return this.read(name, (value) => BOOLEANS.get(value.toLowerCase()));
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    return this.read(name, (value) => choices.find((choice) => choice === value));
  }

  /** Also with the blank that becomes of an offset's unescaped `+`. */
  date(name: string): Date | undefined {
    return this.read(name, (value) => parseIsoDate(value.replace(/ (?=\d\d:?\d\d$)/, '+')));
  }

  /** `tags[]=a&tags[]=b`, `tags[0]=a`, `tags=a&tags=b`; in the order sent. `parse` answers undefined for what is wrong. */
  list<T>(name: string, parse: (value: string) => T | undefined): T[] {
    const parsed = this.#given(name).map(parse);
    const items = parsed.filter((item) => item !== undefined);
    if (items.length < parsed.length) this.#invalid.push(name);
    return items;
  }

  /** @param parse answers undefined for what is wrong */
  read<T>(name: string, parse: (value: string) => T | undefined): T | undefined {
    const value = this.#given(name).at(-1);
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) this.#invalid.push(name);
    return parsed;
  }

  /** To be called when all is read. Errors: `invalid-data`, with the names in the order of reading. */
  finish(): void {
    if (this.#invalid.length > 0) throw invalidData(...this.#invalid);
  }

  #given(name: string): string[] {
    return (this.#values.get(name) ?? []).filter((value) => value !== '');
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);
