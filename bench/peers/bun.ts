import { join } from 'node:path';
import { type Contender, untilServing } from '../contender.ts';
import type { Link } from '../links.ts';
import { CORES, freePort, startPinned } from '../processes.ts';

const PROGRAM = join(import.meta.dir, 'bun-program.ts');

export interface BunOptions {
  readonly api: 'serve' | 'listen';
  /** One link a line: its code, a blank, its long URL. */
  readonly linksFile: string;
  /** Where every visit goes; without it nowhere. */
  readonly logFile?: string;
  readonly link: Link;
}

/** A map and one of Bun's two servers: what of hop's cost is Bun's. `listen` knows nothing of HTTP, and is no server. */
export async function startBun({ api, linksFile, logFile, link }: BunOptions): Promise<Contender> {
  const port = await freePort();
  const log = logFile === undefined ? [] : [logFile];
  const child = startPinned([process.execPath, PROGRAM, api, String(port), linksFile, ...log], { core: CORES.server });
  return untilServing(`Bun.${api}`, child, { port, host: 's.example.org' }, link);
}
