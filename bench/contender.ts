import type { Subprocess } from 'bun';
import type { Link } from './links.ts';
import { stop } from './processes.ts';
import type { Target } from './wrk.ts';

/** One server of a comparison, running. */
export interface Contender extends Target {
  readonly name: string;
  /** Its CPU time is that of this process and all below it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** nginx needs many seconds to build a map of a million links. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Waits until a server that was just started redirects `link` to where it should. */
export async function untilServing(name: string, child: Subprocess, target: Target, link: Link): Promise<Contender> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await locationOf(target, link)) !== link.longUrl) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended instead of serving`);
    if (Date.now() > deadline)
      throw await stop(child).then(() => new Error(`${name} does not redirect ${link.shortCode}`));
    await Bun.sleep(POLL_MS);
  }
  return { ...target, name, pid: child.pid, stop: () => stop(child) };
}

/** Throws unless the server sends each of `links` to its long URL. */
export async function checkLocations(contender: Contender, links: readonly Link[]): Promise<void> {
  for (const link of links) {
    const location = await locationOf(contender, link);
    if (location !== link.longUrl) throw new Error(`${contender.name} sends ${link.shortCode} to ${location}`);
  }
}

async function locationOf({ port, host }: Target, { shortCode }: Link): Promise<string | null> {
  try {
    const url = `http://127.0.0.1:${port}/${shortCode}`;
    const answer = await fetch(url, { redirect: 'manual', headers: { host } });
    return answer.headers.get('location');
  } catch {
    return null; // not listening yet
  }
}
