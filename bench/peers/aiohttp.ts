import { join } from 'node:path';
import { type Contender, untilServing } from '../contender.ts';
import type { Link } from '../links.ts';
import { CORES, freePort, startPinned } from '../processes.ts';
import { MissingPeerError } from './need.ts';

/** Debian's Python, which its packages are for, whatever else is on the path. */
const PYTHON = '/usr/bin/python3';
const SERVICE = join(import.meta.dir, 'aiohttp_service.py');

/** The service that hop came from, in short: aiohttp, uvloop, a pool of five, one prepared statement a request. */
export async function startAiohttp(databaseUrl: string, link: Link, apiKey?: string): Promise<Contender> {
  const port = await freePort();
  const child = startPinned([PYTHON, SERVICE, String(port), ...(apiKey === undefined ? [] : [apiKey])], {
    core: CORES.server,
    env: libpqEnvironment(databaseUrl),
  });
  return untilServing('aiohttp', child, { port, host: 's.example.org' }, link);
}

/** @throws MissingPeerError */
export function needPythonModules(): void {
  const modules = ['aiohttp', 'uvloop', 'asyncpg'];
  const found = Bun.which(PYTHON) && Bun.spawnSync([PYTHON, '-c', `import ${modules.join(', ')}`]).success;
  if (found) return;
  const packages = modules.map((name) => `python3-${name}`).join(' ');
  throw new MissingPeerError(
    `This benchmark needs ${PYTHON} with ${modules.join(', ')}. On Debian: apt-get install ${packages}`,
  );
}

function libpqEnvironment(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  return {
    PGHOST: url.searchParams.get('host') ?? url.hostname,
    PGUSER: url.username,
    PGDATABASE: url.pathname.slice(1),
  };
}
