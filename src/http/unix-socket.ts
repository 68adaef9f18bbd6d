import { chmodSync, lstatSync, renameSync, unlinkSync } from 'node:fs';

/** Whoever may enter its folder may connect, such as a reverse proxy that runs as another user. */
const MODE = 0o666;

/**
 * Gives a listening socket its final name. A file of that name is replaced in one step, whoever made it, so that clients
 * find a listener at any moment: a new process takes over the name of the one that it replaces, or of one that was
 * killed. What is no socket stays. Returns how to remove it, unless it belongs to somebody else by then.
 * @throws Error when something else has that name
 */
export function nameSocket(bound: string, name: string): () => void {
  chmodSync(bound, MODE);
  const { ino } = lstatSync(bound);
  const other = lstatSync(name, { throwIfNoEntry: false });
  if (other !== undefined && !other.isSocket()) {
    throw new Error(`${name} is not a socket: remove it, or set LISTEN to another path`);
  }
  renameSync(bound, name);
  return () => {
    if (lstatSync(name, { throwIfNoEntry: false })?.ino === ino) unlinkSync(name);
  };
}
