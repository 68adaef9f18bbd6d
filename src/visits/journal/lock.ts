import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ExclusiveLock, tryLock } from '../../lib/lifecycle/exclusive-lock.ts';
import { listSegments } from './segments.ts';

// A journal's writer holds the lock of its journal from before its first segment until it ends, however it ends. So a
// journal with segments and a free lock (or none) has no writer any more: nothing in it will change.

const SUFFIX = '.lock';
/** Under this name a lock is made: under its own it is found only once it is held. */
const NEW_SUFFIX = '.lock-new';
/** A lock is held within milliseconds; one that is still new after this has been left by a writer that was killed. */
const NEW_FOR_MS = 3_600_000;

/** Taken by a journal's writer before it makes the first segment. Throws what the system says. */
export function lockJournal(directory: string, journalId: string): ExclusiveLock {
  const made = join(directory, journalId + NEW_SUFFIX);
  const lock = tryLock(made);
  if (lock === undefined) throw new Error(`${made} is locked, although nobody else can know it`);
  try {
    renameSync(made, lockPath(directory, journalId));
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether somebody may still write to this journal. Asked of journals that have segments. */
export function hasWriter(directory: string, journalId: string): boolean {
  const path = lockPath(directory, journalId);
  if (!existsSync(path)) return false;
  const lock = tryLock(path, { patienceMs: 0 });
  lock?.release();
  return lock === undefined;
}

/** Removes the locks of journals that have neither a writer nor a segment left. */
export function removeUnusedLocks(directory: string): void {
  const names = readdirSync(directory);
  for (const name of names.filter((name) => name.endsWith(NEW_SUFFIX))) removeIfForgotten(join(directory, name));
  // Read before the segments: a writer that has just come holds its lock before it makes one.
  const locked = names.filter((name) => name.endsWith(SUFFIX) && name.length === 36 + SUFFIX.length);
  const inUse = new Set(listSegments(directory).map(({ journalId }) => journalId));
  for (const name of locked) {
    const journalId = name.slice(0, -SUFFIX.length);
    if (!inUse.has(journalId) && !hasWriter(directory, journalId)) rmSync(join(directory, name), { force: true });
  }
}

function removeIfForgotten(path: string): void {
  const madeAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - madeAtMs > NEW_FOR_MS) rmSync(path, { force: true });
}

function lockPath(directory: string, journalId: string): string {
  return join(directory, journalId + SUFFIX);
}
