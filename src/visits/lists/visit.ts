import type { VisitKind } from '../record.ts';

export type OrphanKind = Exclude<VisitKind, 'short_url'>;
export const ORPHAN_KINDS = ['invalid_short_url', 'base_url', 'regular_404'] as const satisfies OrphanKind[];

/** A recorded visit as lists show it; null is what is unknown. */
export interface Visit {
  readonly visitedAt: Date;
  readonly isBot: boolean;
  readonly referrer: string | null;
  readonly userAgent: string | null;
  readonly visitedUrl: string | null;
  readonly redirectUrl: string | null;
  readonly countryCode: string | null;
  readonly countryName: string | null;
  readonly regionName: string | null;
  readonly cityName: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly timezone: string | null;
  /** Null for a visit of a short URL. */
  readonly kind: OrphanKind | null;
}
