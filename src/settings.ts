import { join } from 'node:path';
import type { Config } from './config.ts';

// The configuration as the parts want it: they do not know each other's variables, nor where values come from.

export function databaseSettings(config: Config) {
  return {
    pools: { lookups: config.POOL_LOOKUPS, writes: config.POOL_WRITES, reports: config.POOL_REPORTS },
    timeoutsMs: {
      // Well beyond the deadline of those who wait: a late answer still fills the cache.
      lookups: 4 * config.LOOKUP_DEADLINE_MS,
      writes: config.WRITE_TIMEOUT_MS,
      reports: config.REPORT_TIMEOUT_MS,
    },
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    prepare: config.DATABASE_PREPARE,
    serverTimeouts: config.DATABASE_SERVER_TIMEOUTS,
  };
}

export function linkSettings(config: Config) {
  return {
    cacheMaxBytes: config.CACHE_MAX_BYTES,
    cacheTtlMs: config.CACHE_TTL_S * 1000,
    unknownCodesMax: config.UNKNOWN_CODES_MAX,
    deadlineMs: config.LOOKUP_DEADLINE_MS,
    maxBatch: config.LOOKUP_BATCH_MAX,
    maxBatchesInFlight: config.LOOKUP_BATCHES_IN_FLIGHT,
    maxQueue: config.LOOKUP_QUEUE_MAX,
  };
}

export function notFoundSettings(config: Config) {
  return {
    baseUrl: config.DEFAULT_BASE_URL_REDIRECT ?? null,
    regular404: config.DEFAULT_REGULAR_404_REDIRECT ?? null,
    invalidShortUrl: config.DEFAULT_INVALID_SHORT_URL_REDIRECT ?? null,
  };
}

export function rateLimitSettings(config: Config) {
  return {
    unknownCodes: config.RATE_LIMIT_UNKNOWN_CODES,
    anonymousCreates: config.RATE_LIMIT_ANONYMOUS_CREATES,
    apiKey: config.RATE_LIMIT_API_KEY,
    invalidApiKeys: config.RATE_LIMIT_INVALID_API_KEYS,
    trustedProxies: config.TRUSTED_PROXIES,
  };
}

export function slugSettings(config: Config) {
  return { isLoose: config.SHORT_URL_MODE === 'loose', isMultiSegment: config.MULTI_SEGMENT_SLUGS_ENABLED };
}

export function pathSettings(config: Config) {
  return {
    allowsTrailingSlash: config.SHORT_URL_TRAILING_SLASH,
    isMultiSegment: config.MULTI_SEGMENT_SLUGS_ENABLED,
    extraPath: config.REDIRECT_EXTRA_PATH_MODE,
  };
}

export function redirectSettings(config: Config) {
  return {
    status: config.REDIRECT_STATUS_CODE,
    cacheLifetimeS: config.REDIRECT_CACHE_LIFETIME,
    cacheVisibility: config.REDIRECT_CACHE_VISIBILITY,
  };
}

const MiB = 2 ** 20;

/** Of the journal that a web process writes. */
export function journalSettings(config: Config) {
  return {
    directory: journalDirectory(config),
    sync: config.JOURNAL_SYNC,
    syncIntervalMs: 1_000,
    writeIntervalMs: 5,
    // What has been stored is freed by the segment.
    maxSegmentBytes: Math.min(64 * MiB, config.JOURNAL_MAX_BYTES / 8),
    maxSegmentAgeMs: 60_000,
    maxBytes: config.JOURNAL_MAX_BYTES,
    orphansPerSecond: config.ORPHAN_VISITS_PER_SECOND,
  };
}

export function recorderSettings(config: Config) {
  return {
    directory: journalDirectory(config),
    keepMs: config.JOURNAL_KEEP * 1000,
    maxBytes: config.JOURNAL_MAX_BYTES,
    geoipFile: config.GEOIP_DATABASE,
    retentionDays: config.VISITS_RETENTION,
  };
}

export function journalDirectory({ DATA_DIR }: Config): string {
  return join(DATA_DIR, 'journal');
}

export function trackingSettings(config: Config) {
  return {
    tracksAddress: !config.DISABLE_IP_TRACKING,
    tracksReferrer: !config.DISABLE_REFERRER_TRACKING,
    tracksUserAgent: !config.DISABLE_UA_TRACKING,
    tracksOrphans: config.TRACK_ORPHAN_VISITS,
    anonymises: config.ANONYMIZE_REMOTE_ADDR,
    optOutParameter: config.DISABLE_TRACK_PARAM,
    excluded: config.DISABLE_TRACKING_FROM,
    trustedProxies: config.TRUSTED_PROXIES,
    isHttps: config.IS_HTTPS_ENABLED,
  };
}
