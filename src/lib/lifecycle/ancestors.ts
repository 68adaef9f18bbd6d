import { isRunning, type ProcessInfo, readProcess } from './processes.ts';

/** The program whose script started us: `npx bun start` and `npm start`, or `bun start`. */
export type Starter = 'npm' | 'bun';

/** Four processes between npm and us are usual; this only bounds a walk that should not happen. */
const MAX_ANCESTORS = 32;
const INTERVAL_MS = 500;

/**
 * Our ancestors from the parent up to the nearest one that is the starter; empty if none of them is (any more).
 * Killed with TERM or KILL, npm and its shell leave the processes below them running; that is why they are followed.
 */
export async function findAncestors(starter: Starter, pid = process.ppid): Promise<ProcessInfo[]> {
  const ancestors: ProcessInfo[] = [];
  for (let next = pid; next > 1 && ancestors.length < MAX_ANCESTORS; ) {
    const ancestor = await readProcess(next);
    if (ancestor === undefined) return [];
    ancestors.push(ancestor);
    if (isStarter(ancestor, starter)) return ancestors;
    next = ancestor.parentPid;
  }
  return [];
}

/** npm writes its command into its title (`npm exec bun@1.4.5 start`): Linux shows that as name, macOS as command. */
export function isStarter({ name, command }: Pick<ProcessInfo, 'name' | 'command'>, starter: Starter): boolean {
  return starter === 'bun' ? name.startsWith('bun') : [name, command].some((text) => /^np[mx]\b/.test(text));
}

/** Calls `onGone` once, as soon as one of the processes has ended. Returns how to stop following. */
export function follow(processes: readonly ProcessInfo[], onGone: (gone: ProcessInfo) => void): () => void {
  let timer = setTimeout(check, INTERVAL_MS).unref();
  let stopped = false;
  async function check(): Promise<void> {
    const running = await Promise.all(processes.map(isRunning));
    if (stopped) return;
    const gone = processes[running.indexOf(false)];
    if (gone !== undefined) onGone(gone);
    else timer = setTimeout(check, INTERVAL_MS).unref();
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
