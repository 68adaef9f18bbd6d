import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path/posix';

/** Text of a file; undefined when there is none. */
type Read = (path: string) => string | undefined;

/**
 * How many cores this process may use, at least 1: those that it may be scheduled on, or fewer where a container
 * (`docker run --cpus`, a Kubernetes limit) or a service manager limits its share. Half a core more is not one more.
 */
export function availableCores(read: Read = readText, schedulable = availableParallelism()): number {
  return Math.max(1, Math.floor(Math.min(schedulable, cpuLimit(read))));
}

/**
 * The least limit of our control groups and those above them, in cores. A container sees its own group as the root.
 * See cgroups(7): `0::/path` is version 2, `4:cpu,cpuacct:/path` version 1.
 */
function cpuLimit(read: Read): number {
  const limits = (read('/proc/self/cgroup') ?? '').split('\n').flatMap((line) => {
    const [, controllers = '', path = '/'] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? ['', '-'];
    if (controllers === '') return ancestors(path).map((group) => limitOfV2(read, group));
    return controllers.split(',').includes('cpu') ? ancestors(path).map((group) => limitOfV1(read, group)) : [];
  });
  return Math.min(Infinity, ...limits.filter((limit) => limit > 0));
}

/** The group, those above it, and the root: `/a/b`, `/a`, `/`. */
function ancestors(path: string): string[] {
  return path === '/' ? ['/'] : [path, ...ancestors(dirname(path))];
}

/** `max 100000`, or `150000 100000`: microseconds of each period. */
function limitOfV2(read: Read, group: string): number {
  const [quota = '', period = ''] = (read(join('/sys/fs/cgroup', group, 'cpu.max')) ?? '').trim().split(' ');
  return limit(quota, period);
}

function limitOfV1(read: Read, group: string): number {
  const folder = join('/sys/fs/cgroup/cpu', group);
  return limit(read(join(folder, 'cpu.cfs_quota_us')) ?? '', read(join(folder, 'cpu.cfs_period_us')) ?? '');
}

/** No limit is `max` in version 2, -1 in version 1. */
function limit(quota: string, period: string): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Infinity;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
