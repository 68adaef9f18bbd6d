import { mkdirSync, rmSync, statSync } from 'node:fs';
import { hasWriter, removeUnusedLocks } from '../journal/lock.ts';
import { bytesOfSegments, listSegments, type Segment } from '../journal/segments.ts';
import { JournalSource } from './journal-source.ts';

export interface JournalsOptions {
  readonly directory: string;
  /** For how long segments are kept that the database has: a failover may take it back to before them. */
  readonly keepMs: number;
  /** What all segments may take up. */
  readonly maxBytes: number;
  /** Called with the path of each segment before it is removed: for tests of what happens when we end there. */
  readonly beforeUnlink?: ((path: string) => void) | undefined;
}

/** Of `maxBytes`, what segments may take up before those that are only kept have to go, whatever their age. */
const KEPT_SHARE = 0.5;

/** The journals of a directory. */
export class Journals {
  readonly #options: JournalsOptions;
  readonly #sources = new Map<string, JournalSource>();

  constructor(options: JournalsOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  }

  /** Oldest first. */
  get sources(): JournalSource[] {
    return [...this.#sources.values()].sort((a, b) => (a.journalId < b.journalId ? -1 : 1));
  }

  /** What has not been read yet. */
  get unreadBytes(): number {
    return this.sources.reduce((sum, { unreadBytes }) => sum + unreadBytes, 0);
  }

  /** Looks what is there; with `asksAll` also which journals have lost their writer, which takes 0.3 ms each. */
  refresh(asksAll: boolean): void {
    const segments = this.#list();
    const asked: JournalSource[] = asksAll ? [...this.#sources.values()] : [];
    for (const journalId of segments.keys()) {
      if (this.#sources.has(journalId)) continue;
      const source = new JournalSource(journalId);
      this.#sources.set(journalId, source);
      asked.push(source);
    }
    const dead = new Set(asked.filter((source) => source.hasWriter && !this.#hasWriter(source)));
    // Of the dead, only a list made after their death is the whole truth.
    const list = dead.size > 0 ? this.#list() : segments;
    for (const source of this.#sources.values())
      source.update(list.get(source.journalId) ?? [], source.hasWriter && !dead.has(source));
  }

  /** Removes what is no longer needed. */
  clean(nowMs: number): void {
    const { directory, keepMs, maxBytes } = this.#options;
    for (const source of this.sources) for (const segment of source.applied(nowMs, keepMs)) this.#remove(segment);
    this.#makeRoom(nowMs, bytesOfSegments(directory) - maxBytes * KEPT_SHARE);
    for (const source of this.#sources.values()) if (source.isGone) this.#sources.delete(source.journalId);
    removeUnusedLocks(directory);
  }

  #list(): Map<string, Segment[]> {
    return Map.groupBy(listSegments(this.#options.directory), ({ journalId }) => journalId);
  }

  #hasWriter({ journalId }: JournalSource): boolean {
    return hasWriter(this.#options.directory, journalId);
  }

  #makeRoom(nowMs: number, bytes: number): void {
    let missing = bytes;
    for (const source of this.sources) {
      for (const segment of missing > 0 ? source.applied(nowMs, 0) : []) {
        if (missing <= 0) return;
        missing -= statSync(segment.path, { throwIfNoEntry: false })?.size ?? 0;
        this.#remove(segment);
      }
    }
  }

  #remove({ path }: Segment): void {
    this.#options.beforeUnlink?.(path);
    rmSync(path, { force: true });
  }
}
