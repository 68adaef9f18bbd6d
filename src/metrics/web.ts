import { counter, gauge, type Metric } from '../observability/metrics/metric.ts';
import type { Services } from '../services.ts';
import type { JournalWriter } from '../visits/journal/writer.ts';
import { databaseMetrics } from './database.ts';

/** A web process, as far as its metrics are concerned. */
interface Measured {
  readonly services: Services;
  /** null where visits are not tracked. */
  readonly journal: JournalWriter | null;
}

/** What a web process tells of itself. Names are documented by their help texts, and used in deploy/. */
export function webMetrics({ services, journal }: Measured): Metric[] {
  return [
    ...redirectMetrics(services),
    ...cacheMetrics(services),
    ...lookupMetrics(services),
    ...apiMetrics(services),
    ...databaseMetrics(services.database),
    ...(journal === null ? [] : journalMetrics(journal, services)),
  ];
}

function redirectMetrics({ counters, redirectLatency }: Services): Metric[] {
  const outcomes = () => ({
    redirected: counters.redirected,
    base_url: counters.baseUrl,
    invalid_short_url: counters.invalidShortUrl,
    regular_404: counters.regular404,
    method_not_allowed: counters.methodNotAllowed,
    unavailable: counters.failed,
    rate_limited: counters.rateLimited,
  });
  return [
    counter('hop_redirect_requests_total', 'Requests for short URLs by outcome.', outcomes, 'outcome'),
    redirectLatency.metric(
      'hop_redirect_duration_seconds',
      'Time to answer a request for a short URL, of one in 16 requests.',
    ),
  ];
}

function cacheMetrics({ counters, links, config }: Services): Metric[] {
  const results = () => ({
    hit: counters.hits - counters.stale,
    stale: counters.stale,
    unknown: counters.unknown,
    miss: counters.loads,
  });
  return [
    counter(
      'hop_cache_lookups_total',
      'Lookups in the cache: served (hit), served and checked again (stale), known not to exist (unknown), or left to the database (miss).',
      results,
      'result',
    ),
    gauge('hop_cache_bytes', 'Memory that cached links take.', () => links.cache.bytes),
    gauge('hop_cache_max_bytes', 'Memory that cached links may take.', () => config.CACHE_MAX_BYTES),
    gauge('hop_cache_entries', 'Cached links.', () => links.cache.size),
  ];
}

function lookupMetrics({ links, config }: Services): Metric[] {
  return [
    links.lookups.batchSizes.metric('hop_lookup_batch_size', 'Short codes looked up by each statement.'),
    counter('hop_lookup_failures_total', 'Statements for lookups that failed.', () => links.lookups.failures),
    gauge('hop_lookup_queue_length', 'Short codes that are being looked up or wait for it.', () => links.loading),
    gauge('hop_lookup_queue_max', 'Short codes that may be.', () => config.LOOKUP_QUEUE_MAX),
  ];
}

function apiMetrics({ api, creates, config }: Services): Metric[] {
  return [
    counter('hop_api_requests_total', 'Requests to the API, by status of the answer.', () => api.answers, 'status'),
    counter(
      'hop_api_rate_limited_total',
      'Requests to the API that were too many, by limit.',
      () => ({ 'anonymous-creates': 0, 'api-key': 0, 'invalid-api-keys': 0, ...api.refused }),
      'limit',
    ),
    api.latency.metric('hop_api_duration_seconds', 'Time to answer a request to the API.'),
    gauge('hop_create_queue_length', 'Creates that wait for the database.', () => creates.length),
    gauge('hop_create_queue_max', 'Creates that may wait.', () => config.CREATE_QUEUE_MAX),
  ];
}

function journalMetrics(journal: JournalWriter, { config }: Services): Metric[] {
  const { counters } = journal;
  const dropped = () => ({ visit: counters.dropped, orphan_visit: counters.droppedOrphans });
  return [
    counter('hop_journal_visits_total', 'Visits written to the journal.', () => counters.records),
    counter('hop_journal_frames_total', 'Frames written to the journal.', () => counters.frames),
    counter('hop_journal_written_bytes_total', 'Bytes written to the journal.', () => counters.bytes),
    counter('hop_journal_dropped_total', 'Visits that found no room in the journal.', dropped, 'kind'),
    counter('hop_journal_failures_total', 'Writes and syncs of the journal that failed.', () => counters.failures),
    // Each process sees the whole directory.
    gauge(
      'hop_journal_bytes',
      'Size of all journals on disk, with what is kept after it was recorded.',
      () => journal.usedBytes,
      {
        aggregation: 'max',
      },
    ),
    gauge('hop_journal_max_bytes', 'Size that all journals may have.', () => config.JOURNAL_MAX_BYTES, {
      aggregation: 'max',
    }),
  ];
}
