import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ, the unit of times in /proc (proc(5)): 100 a second on every Linux platform that Bun runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time that a process has used since its start, user and system, in seconds; with all of its descendants, living
 * and (as far as they have been waited for) ended.
 */
export async function cpuSeconds(pid: number): Promise<number> {
  const children = await Promise.all((await childrenOf(pid)).map(cpuSeconds));
  return children.reduce((sum, seconds) => sum + seconds, await ownSeconds(pid));
}

/**
 * CPU time, in seconds, that the machine has spent on anything but this process and what it has started; also what a
 * hypervisor gave to others ("steal"). Such time makes our own dearer: the caches are shared.
 */
export async function strangersCpuSeconds(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/ +/).map(Number);
  const busySeconds = (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
  return busySeconds - (await cpuSeconds(process.pid));
}

async function ownSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name, in parentheses, may hold anything; counted from behind it: utime, stime, cutime, cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(threads.map((thread) => childrenOfThread(pid, thread)));
  return lists.flat();
}

/** Threads come and go: one that has ended meanwhile has no children. */
async function childrenOfThread(pid: number, thread: string): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '');
  return list.split(' ').filter(Boolean).map(Number);
}

/** All processes below one. */
export async function descendants(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}
