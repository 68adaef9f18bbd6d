import type { ClassifiedVisit } from './classified-visit.ts';
import { type Traits, TraitsOfBatch } from './traits.ts';

const DAY_MS = 86_400_000;

/** Visits of one day. */
export interface DayTally {
  /** Days since 1970-01-01 (UTC). */
  readonly day: number;
  nonBots: number;
  bots: number;
  readonly traits: Traits[];
}

/** The visits of a batch that belong together: those of one short URL, of one tag, … */
export interface Tally<Key> {
  readonly key: Key;
  nonBots: number;
  bots: number;
  /** Hardly ever more than one. */
  readonly days: DayTally[];
}

export interface ShortUrlKey {
  readonly domainId: number;
  readonly shortCode: string;
  readonly shortUrlId: number;
}

export type ScopeName = 'all' | 'domain' | 'orphan' | 'tag';

export interface ScopeKey {
  readonly scope: ScopeName;
  /** 0 for `all` and `orphan`. */
  readonly scopeId: number;
}

export interface ShortUrlTally extends Tally<ShortUrlKey> {
  readonly visits: ClassifiedVisit[];
}

export interface BatchTallies {
  /** Sorted, so that two recorders cannot deadlock on each other's rows. */
  readonly shortUrls: ShortUrlTally[];
  readonly orphans: ClassifiedVisit[];
  /** Of everything but tags; sorted too. */
  readonly scopes: Tally<ScopeKey>[];
}

/** Counts the visits of a batch for each row that they change. */
export function tallyBatch(visits: readonly ClassifiedVisit[]): BatchTallies {
  const shortUrls = new ShortUrls();
  const orphans: ClassifiedVisit[] = [];
  const scopes = new Scopes();
  const traitsOfBatch = new TraitsOfBatch();
  for (const visit of visits) {
    const traits = traitsOfBatch.of(visit);
    const day = Math.floor(visit.timeMs / DAY_MS);
    if (visit.kind === 'short_url') {
      const ofShortUrl = shortUrls.of(visit);
      ofShortUrl.visits.push(visit);
      count(ofShortUrl, day, traits);
      count(scopes.of('all', 0), day, traits);
      count(scopes.of('domain', visit.domainId), day, traits);
    } else {
      orphans.push(visit);
      count(scopes.of('orphan', 0), day, traits);
    }
  }
  return { shortUrls: shortUrls.sorted(), orphans, scopes: scopes.sorted() };
}

/** Counts for each tag the visits of the short URLs that have it. */
export function tallyTags(
  shortUrls: readonly Tally<ShortUrlKey>[],
  tagIdsOf: (key: ShortUrlKey) => readonly number[],
): Tally<ScopeKey>[] {
  const scopes = new Scopes();
  for (const { key, days } of shortUrls) {
    for (const tagId of tagIdsOf(key)) {
      const tally = scopes.of('tag', tagId);
      for (const { day, traits } of days) for (const each of traits) count(tally, day, each);
    }
  }
  return scopes.sorted();
}

class ShortUrls {
  /** By id: nearly always one each, and a number is found faster than a name put together for the purpose. */
  readonly #byId = new Map<number, ShortUrlTally[]>();

  of({ domainId, shortCode, shortUrlId }: ClassifiedVisit): ShortUrlTally {
    const ofId = getOrAdd(this.#byId, shortUrlId, () => []);
    for (const tally of ofId) {
      if (tally.key.shortCode === shortCode && tally.key.domainId === domainId) return tally;
    }
    const added = { ...emptyTally({ domainId, shortCode, shortUrlId }), visits: [] };
    ofId.push(added);
    return added;
  }

  sorted(): ShortUrlTally[] {
    return [...this.#byId.values()].flat().sort((a, b) => compare(a.key, b.key));
  }
}

class Scopes {
  readonly #tallies = new Map<ScopeName, Map<number, Tally<ScopeKey>>>();

  of(scope: ScopeName, scopeId: number): Tally<ScopeKey> {
    const ofScope = getOrAdd(this.#tallies, scope, () => new Map<number, Tally<ScopeKey>>());
    return getOrAdd(ofScope, scopeId, () => emptyTally({ scope, scopeId }));
  }

  /** By name, then by id. */
  sorted(): Tally<ScopeKey>[] {
    const names = [...this.#tallies.keys()].sort();
    return names.flatMap((name) =>
      [...(this.#tallies.get(name)?.values() ?? [])].sort((a, b) => a.key.scopeId - b.key.scopeId),
    );
  }
}

function emptyTally<Key>(key: Key): Tally<Key> {
  return { key, nonBots: 0, bots: 0, days: [] };
}

function count(tally: Tally<unknown>, day: number, traits: Traits): void {
  const ofDay = dayOf(tally, day);
  ofDay.traits.push(traits);
  if (traits.isBot) {
    tally.bots++;
    ofDay.bots++;
  } else {
    tally.nonBots++;
    ofDay.nonBots++;
  }
}

function dayOf({ days }: Tally<unknown>, day: number): DayTally {
  for (const each of days) if (each.day === day) return each;
  const added: DayTally = { day, nonBots: 0, bots: 0, traits: [] };
  days.push(added);
  return added;
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** As the primary keys are ordered. */
function compare(a: ShortUrlKey, b: ShortUrlKey): number {
  if (a.domainId !== b.domainId) return a.domainId - b.domainId;
  if (a.shortCode !== b.shortCode) return a.shortCode < b.shortCode ? -1 : 1;
  return a.shortUrlId - b.shortUrlId;
}
