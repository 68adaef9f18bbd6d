import { locationOf } from '../lib/location.ts';
import { compileRules, type RuleRow, type Rules } from './rules.ts';

/** A short URL as the lookup statement returns it. Times are milliseconds since 1970. */
export interface ShortUrlRow {
  readonly domainId: number;
  readonly shortCode: string;
  readonly shortUrlId: number;
  readonly longUrl: string;
  readonly forwardQuery: boolean;
  readonly validSinceMs: number | null;
  readonly validUntilMs: number | null;
  readonly maxVisits: number | null;
  /** By priority; null for a short URL without rules. */
  readonly rules: readonly RuleRow[] | null;
}

/** What only some links have; the others pay one comparison with null for it. */
export interface Conditions {
  readonly validSinceMs: number;
  readonly validUntilMs: number;
  readonly maxVisits: number | null;
  readonly rules: Rules | null;
}

/** A short URL compiled for redirecting, once, when it is loaded. */
export interface Link {
  readonly domainId: number;
  readonly shortCode: string;
  readonly shortUrlId: number;
  /** The target as a Location: one line of printable ASCII. */
  readonly location: string;
  readonly forwardQuery: boolean;
  readonly conditions: Conditions | null;
  /** When the load that brought it *began* (performance.now), so that it counts as old if the truth moved meanwhile. */
  loadedAtMs: number;
  /** Set by a hit, cleared by the cache's hand (SIEVE). */
  wasVisited: boolean;
  isRevalidating: boolean;
}

/** Whether the short URL is valid at this time. */
export function isWithinDates({ validSinceMs, validUntilMs }: Conditions, nowMs: number): boolean {
  return nowMs >= validSinceMs && nowMs <= validUntilMs;
}

export function compileLink(row: ShortUrlRow, loadedAtMs: number): Link {
  return {
    domainId: row.domainId,
    shortCode: row.shortCode,
    shortUrlId: row.shortUrlId,
    location: locationOf(row.longUrl),
    forwardQuery: row.forwardQuery,
    conditions: compileConditions(row),
    loadedAtMs,
    wasVisited: false,
    isRevalidating: false,
  };
}

function compileConditions(row: ShortUrlRow): Conditions | null {
  const { validSinceMs, validUntilMs, maxVisits } = row;
  const rules = compileRules(row.rules);
  if (validSinceMs === null && validUntilMs === null && maxVisits === null && rules === null) return null;
  return {
    validSinceMs: validSinceMs ?? Number.NEGATIVE_INFINITY,
    validUntilMs: validUntilMs ?? Number.POSITIVE_INFINITY,
    maxVisits,
    rules,
  };
}
