import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^[0-9a-f-]{36}\.\d+\.split$/;

/**
 * Which frames are being stored visit by visit: noted in a file before the first of these visits is stored, so that
 * whoever comes after us does not store such a frame as a whole, should the database take it by then.
 */
export class SplitFrames {
  readonly #directory: string;
  readonly #names: Set<string>;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#names = new Set(readdirSync(directory).filter((name) => NAME.test(name)));
  }

  has(journalId: string, sequence: number): boolean {
    return this.#names.size > 0 && this.#names.has(nameOf(journalId, sequence));
  }

  begin(journalId: string, sequence: number): void {
    const name = nameOf(journalId, sequence);
    writeFileSync(join(this.#directory, name), '', { mode: 0o600 });
    this.#names.add(name);
  }

  /** All of it is stored. */
  end(journalId: string, sequence: number): void {
    const name = nameOf(journalId, sequence);
    this.#names.delete(name);
    rmSync(join(this.#directory, name), { force: true });
  }
}

function nameOf(journalId: string, sequence: number): string {
  return `${journalId}.${sequence}.split`;
}
