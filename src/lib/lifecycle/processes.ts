import { readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** Opaque: together with the pid it names one process for ever, however pids are reused. */
  readonly startTime: string;
  /** Ended, but its parent has not asked for its exit status; `kill(pid, 0)` still says that it is alive. */
  readonly zombie: boolean;
  /** The executable's name (at most 15 characters on Linux). */
  readonly name: string;
  /** The whole command line, arguments separated by blanks; empty for a zombie. */
  readonly command: string;
}

/** What the system knows about a process; undefined when there is none with this pid. */
export async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  return process.platform === 'linux' ? readFromProc(pid) : await readFromPs(pid);
}

/** Whether this very process (not a later one with its pid) still runs. */
export async function isRunning({ pid, startTime }: ProcessInfo): Promise<boolean> {
  const now = await readProcess(pid);
  return now !== undefined && !now.zombie && now.startTime === startTime;
}

/** See proc_pid_stat(5). The name stands in parentheses and may itself contain some. */
function readFromProc(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, command, ...parseStat(stat) };
  } catch {
    return undefined; // ENOENT, or ESRCH when it ended between open and read
  }
}

export function parseStat(stat: string): Omit<ProcessInfo, 'pid' | 'command'> {
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', parentPid = ''] = fields;
  return { name, parentPid: Number(parentPid), startTime: fields[19] ?? '', zombie: state === 'Z' || state === 'X' };
}

async function readFromPs(pid: number): Promise<ProcessInfo | undefined> {
  const columns = 'ppid=,stat=,lstart=,ucomm=,args=';
  const env = { LC_ALL: 'C', PATH: '/bin:/usr/bin' };
  const ps = Bun.spawn(['ps', '-o', columns, '-p', String(pid)], { env, stdout: 'pipe', stderr: 'ignore' });
  return parsePs(pid, await ps.stdout.text());
}

/** The start time has five words: `Tue Nov 24 00:06:23 2026`. */
export function parsePs(pid: number, output: string): ProcessInfo | undefined {
  const [parentPid, state = '', ...rest] = output.trim().split(/\s+/);
  if (!parentPid) return undefined;
  return {
    pid,
    parentPid: Number(parentPid),
    zombie: state.startsWith('Z'),
    startTime: rest.slice(0, 5).join(' '),
    name: rest[5] ?? '',
    command: rest.slice(6).join(' '),
  };
}
