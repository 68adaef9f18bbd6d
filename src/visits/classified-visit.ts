import type { VisitRecord } from './record.ts';

/** Where a visit came from, as far as the data knows; unknown parts are empty. */
export interface VisitLocation {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  readonly countryName: string;
  readonly regionName: string;
  readonly cityName: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** IANA name. */
  readonly timezone: string;
}

/** A journaled visit with what the recorder found out about it. */
export interface ClassifiedVisit extends VisitRecord {
  readonly isBot: boolean;
  /** As rules and statistics name them, lower case (`android`, `desktop`, …); empty when unknown. */
  readonly device: string;
  readonly browser: string;
  readonly os: string;
  /** Host of the referrer, lower case, without `www.`; empty for none. */
  readonly referrerHost: string;
  readonly location: VisitLocation | null;
}
