import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A DATA_DIR for one test. */
export class DataDir implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), 'hop-data-'));

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}
