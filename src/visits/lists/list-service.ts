import type { Database } from '../../db/database.ts';
import { type Paging, windowOf } from '../../http/paging.ts';
import { countByTotals, countRaw, locate, type Position } from './count-store.ts';
import { KeptCounts } from './kept-counts.ts';
import type { VisitFilter } from './list-request.ts';
import { readVisits, type Way } from './page-store.ts';
import type { Visit } from './visit.ts';
import type { VisitSet } from './visit-set.ts';

export interface VisitPage {
  readonly visits: readonly Visit[];
  /** Of all pages: exact where it is counted by rollups of its own, else as of its last count. */
  readonly totalItems: number;
}

/** Skipping more raw visits than this is worth another look into the rollup: some milliseconds each. */
const MAX_SKIP = 2_000;
const DAY_MS = 86_400_000;
/** So many visits are gathered and sorted without thinking about it. */
const FEW = 20_000;

/** Lists of visits, newest first. */
export class VisitLists {
  readonly #database: Database;
  readonly #counts = new KeptCounts();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Errors: `database-unavailable`. */
  async page(set: VisitSet, filter: VisitFilter, paging: Paging): Promise<VisitPage> {
    const { limit, offset } = windowOf(paging);
    const position = await this.#locate(set, filter, offset);
    // A page behind the end is told so by the total, without a look at any visit.
    if (set.of === 'none' || offset >= position.total) return { visits: [], totalItems: position.total };
    const start = await this.#start(set, filter, position, offset);
    const way = await this.#way(set, filter, { total: position.total, end: offset + limit });
    const rest = { ...filter, range: { ...filter.range, to: start.before ?? filter.range.to } };
    const visits = await readVisits(this.#database, set, rest, { limit, offset: start.skip }, way);
    return { visits, totalItems: Math.max(position.total, offset + visits.length) };
  }

  async #locate(set: VisitSet, filter: VisitFilter, offset: number): Promise<Position> {
    if (set.of === 'none') return { total: 0, before: null, skip: offset };
    if (set.of !== 'some' && !isCountedRaw(set)) return locate(this.#database, set, filter, offset);
    const total = await this.#counts.of(JSON.stringify([set, filter]), () => this.#count(set, filter));
    return { total, before: null, skip: offset };
  }

  async #count(set: VisitSet, filter: VisitFilter): Promise<number> {
    if (set.of !== 'some') return countRaw(this.#database, set, filter);
    const { range, excludeBots } = filter;
    const isWhole = range.from === null && range.to === null;
    const total = isWhole ? await countByTotals(this.#database, set, excludeBots) : undefined;
    return total ?? (await locate(this.#database, set, filter, 0)).total;
  }

  /** Deep pages are found by rollups, where there are some: first the day, and within that the hour. */
  async #start(set: VisitSet, filter: VisitFilter, position: Position, offset: number): Promise<Start> {
    if (offset <= MAX_SKIP || isCountedRaw(set)) return { before: null, skip: offset };
    const { before, skip } = set.of === 'some' ? await locate(this.#database, set, filter, offset) : position;
    if (before === null || skip <= MAX_SKIP) return { before, skip };
    const from = new Date(Math.max(before.getTime() - DAY_MS, filter.range.from?.getTime() ?? 0));
    return locate(this.#database, set, { ...filter, range: { from, to: before } }, skip, 'hour');
  }

  /** Which way costs less; a visit looked at and one sorted cost about the same. */
  async #way(set: VisitSet, { range, excludeBots }: VisitFilter, { total, end }: Depth): Promise<Way> {
    if (set.of !== 'some') return 'walk';
    if (total <= FEW) return 'gather';
    const all = await locate(this.#database, { of: 'all' }, { range, excludeBots }, 0);
    return (end * all.total) / total < total ? 'walk' : 'gather';
  }
}

interface Depth {
  readonly total: number;
  /** How many visits there are up to the end of the page. */
  readonly end: number;
}

/** Where to begin to read: before a moment (null: at the end of the range), and behind so many visits. */
type Start = Omit<Position, 'total'>;

function isCountedRaw(set: VisitSet): boolean {
  return set.of === 'orphans' && (set.kind !== undefined || set.site !== undefined);
}
