import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const NEW_APPEND_ONLY = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND;

/**
 * One segment being written. `fs.appendFile` and `Bun.file().writer()` are no use here: the one does not sync when asked
 * to (oven-sh/bun#36485), the other overwrites from the start (#25968).
 */
export class SegmentFile {
  readonly openedAtMs = performance.now();
  readonly #fd: number;
  #bytes = 0;

  /** Makes the file. With `isDurable` its name outlives a power loss. */
  constructor(
    readonly path: string,
    isDurable: boolean,
  ) {
    this.#fd = openSync(path, NEW_APPEND_ONLY, 0o600);
    try {
      if (isDurable) syncDirectory(dirname(path));
    } catch (error) {
      closeSync(this.#fd);
      rmSync(path, { force: true });
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends all of `bytes`, or nothing: what a short or failed write (a full disk begins with a short one) has left is
   * cut off again. Throws the cause; when even the cut fails, the file must not be written to any more (`isBroken`).
   */
  append(bytes: Buffer): void {
    try {
      const written = writeSync(this.#fd, bytes, 0, bytes.length);
      if (written < bytes.length) throw new Error(`short write: ${written} of ${bytes.length} bytes`);
      this.#bytes += written;
    } catch (error) {
      this.#cut();
      throw error;
    }
  }

  /** Set once the end of the file is not what we believe. */
  isBroken = false;

  /** Resolves when what was appended before is on the disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #cut(): void {
    try {
      ftruncateSync(this.#fd, this.#bytes);
      this.isBroken = fstatSync(this.#fd).size !== this.#bytes;
    } catch {
      this.isBroken = true;
    }
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
