import { isoDate } from '../../short-urls/answer.ts';
import type { Visit } from './visit.ts';

/**
 * A visit as REST API v3 answers it. Clients count on exactly these members, and on texts and numbers where a visitor or
 * a place is unknown.
 */
export function visitAnswer(visit: Visit) {
  return {
    referer: visit.referrer ?? '',
    date: isoDate(visit.visitedAt),
    userAgent: visit.userAgent ?? '',
    visitLocation: visit.countryCode === null ? null : locationAnswer(visit, visit.countryCode),
    potentialBot: visit.isBot,
    visitedUrl: visit.visitedUrl,
    redirectUrl: visit.redirectUrl,
    ...(visit.kind !== null && { type: visit.kind }),
  };
}

function locationAnswer(visit: Visit, countryCode: string) {
  return {
    countryCode,
    countryName: visit.countryName ?? '',
    regionName: visit.regionName ?? '',
    cityName: visit.cityName ?? '',
    // Maps leave out what has no city, so these do not put anybody into the sea.
    latitude: visit.latitude ?? 0,
    longitude: visit.longitude ?? 0,
    timezone: visit.timezone ?? '',
  };
}

/** Visits in total, with people and bots apart. */
export function summaryAnswer({ nonBots, bots }: { readonly nonBots: number; readonly bots: number }) {
  return { total: nonBots + bots, nonBots, bots };
}
