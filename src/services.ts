import { ensureInitialApiKey } from './api-keys/admin.ts';
import { ApiKeyService } from './api-keys/service.ts';
import { findApiKey } from './api-keys/store.ts';
import { isReserved } from './codes/reserved.ts';
import { createSlugs, type Slugs } from './codes/slugs.ts';
import { createCodeSource } from './codes/source.ts';
import { isLoopback } from './config/texts.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { keepInstallationValue } from './db/installation.ts';
import { isAuthority, parseAuthority } from './domains/authority.ts';
import { DomainService } from './domains/service.ts';
import { followChanges } from './follow-changes.ts';
import { ApiCounters } from './http/api-counters.ts';
import type { OriginPolicy } from './http/origin.ts';
import { AppError } from './lib/errors.ts';
import type { Logger } from './observability/log.ts';
import type { Histogram } from './observability/metrics/histogram.ts';
import { createRateLimits, createScanGuard, type RateLimits } from './rate-limits.ts';
import { RedirectCounters } from './redirect/counters.ts';
import { DomainDirectory } from './redirect/domains.ts';
import type { RedirectServices } from './redirect/handler.ts';
import { createRedirectLatency } from './redirect/latency.ts';
import { LimitGate } from './redirect/limits.ts';
import { Links } from './redirect/links.ts';
import { createPathReader } from './redirect/paths.ts';
import { redirectPolicy } from './redirect/policy.ts';
import { findDomains, findShortUrls, hasRedirectsLeft, takeRedirects } from './redirect/store.ts';
import type { Visits } from './redirect/visits.ts';
import { RedirectRules } from './redirect-rules/service.ts';
import {
  linkSettings,
  notFoundSettings,
  pathSettings,
  rateLimitSettings,
  redirectSettings,
  slugSettings,
} from './settings.ts';
import { Authoring } from './short-urls/authoring.ts';
import { CreateQueue } from './short-urls/creates.ts';
import type { FieldContext } from './short-urls/fields.ts';
import { createFindKey, type FindKey } from './short-urls/find-key.ts';
import { Idempotency } from './short-urls/idempotency.ts';
import { ShortUrlLists } from './short-urls/list-service.ts';
import { isBelowShortUrl } from './short-urls/long-url.ts';
import { ShortUrlService } from './short-urls/service.ts';
import type { ShortUrlKey } from './short-urls/short-url.ts';
import { insertShortUrls, isShortUrl, notifyChange } from './short-urls/store.ts';
import { Startup } from './startup.ts';
import { TagService } from './tags/service.ts';
import { upsertTags } from './tags/store.ts';
import { TagIds } from './tags/tag-ids.ts';
import { VisitLists } from './visits/lists/list-service.ts';
import { VisitSets } from './visits/visit-sets.ts';
import { createVisitorFacts } from './visits/visitor-facts.ts';
import type { PeerOf } from './visits/visitors.ts';

export interface Services extends RedirectServices {
  readonly config: Config;
  readonly log: Logger;
  readonly database: Database;
  readonly shortUrls: ShortUrlService;
  readonly creates: CreateQueue;
  /** Creates short URLs as the REST API asks for them. */
  readonly authoring: Authoring;
  readonly lists: ShortUrlLists;
  readonly tags: TagService;
  readonly redirectRules: RedirectRules;
  readonly domainService: DomainService;
  readonly idempotency: Idempotency;
  /** Which visits a request means and may see. */
  readonly visitSets: VisitSets;
  readonly visitLists: VisitLists;
  /** What fields of short URLs are judged by. */
  readonly fields: FieldContext;
  /** The id of the domain that a request names, the default one if it names none; undefined when there is no such. */
  readonly findDomain: (domain: string | undefined) => Promise<number | undefined>;
  readonly findKey: FindKey;
  readonly apiKeys: ApiKeyService;
  readonly origins: OriginPolicy;
  readonly redirectLatency: Histogram;
  readonly api: ApiCounters;
  readonly rateLimits: RateLimits;
  /** The address of a short URL, as it is handed out. */
  readonly urlOf: (shortUrl: ShortUrlKey & { readonly domain?: string | null }) => string;
  /** Resolves once this process and its database have been brought together; rejects never. */
  readonly ready: Promise<void>;
  /** Whether that is so: until then there may be no schema, and domains of ours may be unknown. */
  readonly isReady: () => boolean;
  /** Ends everything in reverse order; statements under way are waited for. */
  close(): Promise<void>;
}

export interface ServicesOptions {
  readonly config: Config;
  readonly log: Logger;
  /** Closed with the services. */
  readonly database: Database;
  /** Brings the schema up to date. */
  readonly migrate: () => Promise<unknown>;
  /** What waiting cannot mend, such as a database that demands a newer hop. */
  readonly onFatal: (error: unknown) => void;
  /** Records visits; null: they are not tracked. */
  readonly visits: Visits | null;
  /** The other end of a request's connection. */
  readonly peerOf: PeerOf;
  /** Where codes come from; default: random ones in the installation's own alphabet. */
  readonly generateCode?: (length: number) => Promise<string>;
}

/** The composition root: makes everything that a serving process needs, whether or not the database is there. */
export function createServices(options: ServicesOptions): Services {
  const { config, log, database, migrate, onFatal } = options;
  const slugs = createSlugs(slugSettings(config));
  const paths = pathSettings(config);
  const domains = new DomainDirectory(notFoundSettings(config));
  const links = createLinks(config, database, domains);
  const changes = followChanges({ config, log, database, domains, links });
  const startup = new Startup({
    database,
    onFatal,
    log,
    prepare: async () => {
      await migrate();
      const { INITIAL_API_KEY: key } = config;
      if (key !== undefined) await ensureInitialApiKey(database, key, log);
    },
    refresh: async () => {
      // First from where to follow the changes, then what they change.
      if (!(await changes.poll())) throw new AppError('database-unavailable', 'The change log could not be read.');
      await domains.refresh(() => findDomains(database));
    },
  });

  const addresses = ownAddresses(config);
  const origins: OriginPolicy = {
    isLoopback: isLoopback(config.HOST),
    isOwnAuthority: (authority) => addresses.has(authority) || domains.has(authority),
  };
  const fields: FieldContext = {
    isReserved,
    slugs,
    isOwnAuthority: origins.isOwnAuthority,
    isSlugPath: paths.isMultiSegment || paths.extraPath !== 'default' ? isBelowShortUrl(isReserved) : undefined,
    defaultDomain: config.DEFAULT_DOMAIN,
  };
  const rateLimits = createRateLimits(rateLimitSettings(config), options.peerOf);
  const creates = createCreateQueue(config, database);
  const shortUrls = createShortUrls({ ...options, links, slugs, isReserved, creates });
  const domainService = createDomains(database, domains);
  const findNamed = (domain: string | undefined) => findDomain(domain, config, domainService);
  const findKey = createFindKey({ slugs, findDomain: findNamed, exists: isShortUrl(database) });

  return {
    config,
    log,
    database,
    domains,
    links,
    readPath: createPathReader({ ...paths, slugs, isReserved }),
    shortUrls,
    creates,
    lists: new ShortUrlLists({ database, defaultDomain: config.DEFAULT_DOMAIN, findDomain: findNamed }),
    tags: new TagService(database),
    redirectRules: new RedirectRules({
      database,
      changed({ domainId, shortCode }) {
        links.forget(domainId, shortCode);
        void notifyChange(database).catch(() => {}); // only a hint
      },
    }),
    domainService,
    authoring: new Authoring({ database, shortUrls, domains: domainService, fields }),
    idempotency: new Idempotency(database),
    visitSets: new VisitSets({
      database,
      shortUrls,
      findKey,
      findDomain: findNamed,
      authorityOf: (named) => authorityOf(named, config),
    }),
    visitLists: new VisitLists(database),
    fields,
    findDomain: findNamed,
    findKey,
    apiKeys: new ApiKeyService(findApiKey(database)),
    policy: redirectPolicy(redirectSettings(config)),
    limits: new LimitGate(takeRedirects(database)),
    hasRedirectsLeft: hasRedirectsLeft(database),
    counters: new RedirectCounters(),
    redirectLatency: createRedirectLatency(),
    api: new ApiCounters(),
    rateLimits,
    scans: createScanGuard(rateLimits),
    visits: options.visits,
    visitorFacts: createVisitorFacts({
      trustedProxies: config.TRUSTED_PROXIES,
      peerOf: options.peerOf,
      geoipFile: config.GEOIP_DATABASE,
      log,
    }),
    ready: startup.ready,
    isReady: () => domains.isLoaded,
    origins,
    urlOf: ({ domain, shortCode }) =>
      `${config.IS_HTTPS_ENABLED ? 'https' : 'http'}://${domain ?? config.DEFAULT_DOMAIN}/${shortCode}`,
    async close() {
      startup.close();
      changes.close();
      links.close();
      await database.close();
    },
  };
}

/** On loopback every name of this machine is ours, so that a link to one of them cannot lead in circles. */
function ownAddresses({ DEFAULT_DOMAIN, HOST, PORT }: Config): ReadonlySet<string> {
  const names = isLoopback(HOST) ? ['localhost', '127.0.0.1', '[::1]'] : [];
  return new Set([DEFAULT_DOMAIN, ...names.map((name) => `${name}:${PORT}`)]);
}

function createDomains(database: Database, directory: DomainDirectory): DomainService {
  return new DomainService({
    database,
    directory,
    notify: () => void notifyChange(database).catch(() => {}), // only a hint
  });
}

/** What is in the URL of a request for the domain that is named. */
function authorityOf(named: string, { DEFAULT_DOMAIN }: Config): string | undefined {
  return named === 'DEFAULT' || isAuthority(named, DEFAULT_DOMAIN) ? DEFAULT_DOMAIN : parseAuthority(named);
}

async function findDomain(named: string | undefined, { DEFAULT_DOMAIN }: Config, domains: DomainService) {
  if (named === undefined || isAuthority(named, DEFAULT_DOMAIN)) return domains.find(null);
  const authority = parseAuthority(named);
  return authority === undefined ? undefined : domains.find(authority);
}

function createLinks(config: Config, database: Database, domains: DomainDirectory): Links {
  return new Links({
    ...linkSettings(config),
    find: findShortUrls(database),
    canLoad: () => database.isUp,
    otherDomainIds: () => domains.otherIds(),
  });
}

interface ShortUrlParts extends Pick<ServicesOptions, 'config' | 'generateCode'> {
  readonly database: Database;
  readonly links: Links;
  readonly slugs: Slugs;
  readonly isReserved: (word: string) => boolean;
  readonly creates: CreateQueue;
}

function createCreateQueue(config: Config, database: Database): CreateQueue {
  return new CreateQueue({
    insert: (batch) => insertShortUrls(database, batch),
    maxQueue: config.CREATE_QUEUE_MAX,
  });
}

function createShortUrls({ config, database, links, slugs, isReserved, creates, generateCode }: ShortUrlParts) {
  const keepAlphabet = (offered: string) => keepInstallationValue(database, 'alphabet', offered);
  return new ShortUrlService({
    database,
    creates,
    slugs,
    tagIds: new TagIds((names) => upsertTags(database, names)),
    generateCode:
      generateCode ?? createCodeSource({ keepAlphabet, isReserved, isLowerCase: slugSettings(config).isLoose }),
    codeLength: config.DEFAULT_SHORT_CODES_LENGTH,
    deletableUpTo: config.DELETE_SHORT_URL_THRESHOLD,
    isReserved,
    forget: ({ domainId, shortCode }) => links.forget(domainId, shortCode),
  });
}
