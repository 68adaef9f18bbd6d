import { AppError } from './errors.ts';

/**
 * Reads the fields of a JSON object one by one and collects the names of those that are wrong, so that a client learns
 * of all at once.
 */
export class FieldReader {
  readonly #source: Readonly<Record<string, unknown>>;
  readonly #invalid: string[] = [];

  constructor(source: Readonly<Record<string, unknown>>) {
    this.#source = source;
  }

  /**
   * The field as `parse` reads it; undefined when it is not there, null when it is null.
   * @param parse answers undefined for what is wrong; the field then counts as not there, and `finish` throws
   */
  read<T>(name: string, parse: (value: unknown) => T | undefined): T | null | undefined {
    const value = Object.hasOwn(this.#source, name) ? this.#source[name] : undefined;
    if (value === undefined || value === null) return value;
    const parsed = parse(value);
    if (parsed === undefined) this.refuse(name);
    return parsed;
  }

  refuse(name: string): void {
    if (!this.#invalid.includes(name)) this.#invalid.push(name);
  }

  /** To be called when all is read. Errors: `invalid-data`, with the names in the order of reading. */
  finish(): void {
    if (this.#invalid.length > 0) throw invalidData(...this.#invalid);
  }
}

export function invalidData(...invalidElements: string[]): AppError {
  return new AppError('invalid-data', 'Provided data is not valid', { extra: { invalidElements } });
}

/**
 * A parsed body as the object that it has to be; clients written in PHP send an empty object as `[]`.
 * Errors: `malformed-request-body`.
 */
export function asFields(body: unknown): Readonly<Record<string, unknown>> {
  if (Array.isArray(body) && body.length === 0) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new AppError('malformed-request-body', 'Provided request does not contain a valid JSON body.');
}
