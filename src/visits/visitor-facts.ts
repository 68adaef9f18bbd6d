import { parseUserAgent } from '../lib/user-agent.ts';
import type { Logger } from '../observability/log.ts';
import { NOWHERE, type VisitorFacts } from '../redirect/visitor.ts';
import { type Locate, openLocations } from './recorder/locations.ts';
import { anonymise, trustedProxies, visitorAddress } from './visitor-address.ts';
import type { PeerOf } from './visitors.ts';

export interface VisitorFactsOptions {
  readonly trustedProxies: readonly string[];
  readonly peerOf: PeerOf;
  /** MaxMind's; without it, the countries that hop brings along. */
  readonly geoipFile: string | undefined;
  readonly log: Logger;
}

/** What redirect rules may know of a visitor, whatever is recorded of it. Nothing of it throws. */
export function createVisitorFacts({ peerOf, trustedProxies: networks, ...places }: VisitorFactsOptions): VisitorFacts {
  const proxies = trustedProxies(networks);
  const locate = lazily(() => openPlaces(places));
  return {
    agentOf: parseUserAgent,
    addressOf(request) {
      const peer = peerOf(request);
      return peer === undefined ? undefined : visitorAddress(peer, request.headers, proxies);
    },
    placeOf(address) {
      // As the recorder does: found places are kept, and those of a network are enough.
      const place = locate(anonymise(address));
      return place === null ? NOWHERE : { country: place.countryCode, city: place.cityName };
    },
  };
}

/** The data take megabytes, which a process without rules on places can do without. */
function lazily(open: () => Locate): Locate {
  let locate: Locate | undefined;
  return (address) => {
    locate ??= open();
    return locate(address);
  };
}

function openPlaces({ geoipFile, log }: Pick<VisitorFactsOptions, 'geoipFile' | 'log'>): Locate {
  try {
    return openLocations(geoipFile);
  } catch (error) {
    log.error('GEOIP_DATABASE cannot be read: redirect rules on places never match', { error });
    return () => null;
  }
}
