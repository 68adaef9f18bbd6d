import { expect, test } from 'bun:test';
import { availableCores } from '../../src/lib/cores.ts';

const V2 = '/sys/fs/cgroup';
const V1 = '/sys/fs/cgroup/cpu';

test.each<[string, Record<string, string>, number]>([
  ['nothing known', {}, 8],
  ['no limit', { '/proc/self/cgroup': '0::/\n', [`${V2}/cpu.max`]: 'max 100000\n' }, 8],
  ['a container', { '/proc/self/cgroup': '0::/\n', [`${V2}/cpu.max`]: '250000 100000\n' }, 2],
  ['less than one core', { '/proc/self/cgroup': '0::/\n', [`${V2}/cpu.max`]: '20000 100000\n' }, 1],
  [
    'the least limit of those above',
    {
      '/proc/self/cgroup': '0::/system.slice/hop.service\n',
      [`${V2}/system.slice/cpu.max`]: '300000 100000',
      [`${V2}/system.slice/hop.service/cpu.max`]: '600000 100000',
    },
    3,
  ],
  [
    'version 1',
    {
      '/proc/self/cgroup': '3:memory:/x\n2:cpu,cpuacct:/docker/abc\n0::/\n',
      [`${V1}/cpu.cfs_quota_us`]: '400000\n',
      [`${V1}/cpu.cfs_period_us`]: '100000\n',
    },
    4,
  ],
  ['version 1 without a limit', { '/proc/self/cgroup': '1:cpu:/\n', [`${V1}/cpu.cfs_quota_us`]: '-1\n' }, 8],
])('cores with %s', (_case, files, cores) => {
  expect(availableCores((path) => files[path], 8)).toBe(cores);
});
