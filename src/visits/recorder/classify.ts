import { Generations } from '../../lib/generations.ts';
import { parseUserAgent } from '../../lib/user-agent.ts';
import type { ClassifiedVisit } from '../classified-visit.ts';
import type { VisitRecord } from '../record.ts';
import type { Locate } from './locations.ts';

export type Classify = (visit: VisitRecord) => ClassifiedVisit;

const CACHED_REFERRERS = 20_000;

/** Finds out about visits what their records say. Never throws. */
export function createClassifier(locate: Locate): Classify {
  const referrers = new Generations<string>(CACHED_REFERRERS);
  return (visit) => {
    const { isBot, device, browser, os } = parseUserAgent(visit.userAgent);
    // Written out: a spread costs as much as all of the rest.
    return {
      kind: visit.kind,
      domainId: visit.domainId,
      shortCode: visit.shortCode,
      shortUrlId: visit.shortUrlId,
      timeMs: visit.timeMs,
      referrer: visit.referrer,
      userAgent: visit.userAgent,
      address: visit.address,
      visitedUrl: visit.visitedUrl,
      redirectUrl: visit.redirectUrl,
      isBot,
      device,
      browser,
      os,
      referrerHost: visit.referrer === '' ? '' : referrers.get(visit.referrer, hostOf),
      location: locate(visit.address),
    };
  };
}

/** Not by URL, which takes four times as long for what is only counted. */
function hostOf(referrer: string): string {
  const [, host = ''] = HOST.exec(referrer) ?? [];
  return host.toLowerCase();
}

/** Behind the scheme, user and `www.`, before port and path. */
const HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(?:www\.(?=[^/?#:]))?([^/?#:[\]@\\\s]{1,253})(?=[/?#:]|$)/i;
