import { Scrape } from '../support/metrics.ts';
import { handlesOf, rssMiB } from '../support/proc.ts';
import type { Supervised } from '../support/supervised.ts';
import type { Point } from './slope.ts';

/** Values over time by what they are of: `web 123 RSS MiB`. */
export type Series = Map<string, Point[]>;

const ROLES = ['web', 'recorder'] as const;

/** Looks at every process of hop, and at the metrics of all. */
export class Sampler {
  readonly series: Series = new Map();
  readonly #stage: Supervised;
  /** Sum and count of the last scrape, by role: lag is a histogram since the start. */
  readonly #lag = new Map<string, { sum: number; count: number }>();

  constructor(stage: Supervised) {
    this.#stage = stage;
  }

  async sample(): Promise<void> {
    const { hop, children } = this.#stage;
    this.#look('supervisor', hop.process.pid);
    for (const role of ROLES) for (const pid of children(role)) this.#look(role, pid);
    const text = await (await fetch(`${await hop.adminUrl()}/metrics`)).text();
    for (const role of ROLES) this.#lagOf(role, text);
    const scrape = new Scrape(text);
    this.#add('caches KiB', scrape.value('hop_cache_bytes') / 1_024);
    this.#add('journal lag ms', scrape.value('hop_recorder_lag_seconds') * 1_000);
    this.#add('journal lag KiB', scrape.value('hop_recorder_lag_bytes') / 1_024);
  }

  #look(role: string, pid: number): void {
    this.#add(`${role} ${pid} RSS MiB`, rssMiB(pid));
    this.#add(`${role} ${pid} handles`, handlesOf(pid));
  }

  /** The mean since the last look. */
  #lagOf(role: string, text: string): void {
    const of = (part: string) => sumOf(text, `hop_event_loop_lag_seconds_${part}`, role);
    const now = { sum: of('sum'), count: of('count') };
    const before = this.#lag.get(role) ?? { sum: 0, count: 0 };
    this.#lag.set(role, now);
    if (now.count > before.count) {
      this.#add(`${role} event-loop lag ms`, ((now.sum - before.sum) / (now.count - before.count)) * 1_000);
    }
  }

  #add(name: string, value: number): void {
    const points = this.series.get(name) ?? [];
    this.series.set(name, points);
    points.push({ atMs: Date.now(), value });
  }
}

function sumOf(text: string, name: string, role: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(`process="${role}"`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
