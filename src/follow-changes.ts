import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { CHANGES_CHANNEL, listen } from './db/listen.ts';
import type { Logger } from './observability/log.ts';
import { ChangeFeed } from './redirect/changes.ts';
import type { DomainDirectory } from './redirect/domains.ts';
import type { Links } from './redirect/links.ts';
import { findDomains, readChanges, trimChanges } from './redirect/store.ts';
import { KEY_LIFETIME_MS } from './short-urls/idempotency.ts';
import { trimIdempotencyKeys } from './short-urls/idempotency-store.ts';

export interface ChangeParts {
  readonly config: Config;
  readonly log: Logger;
  readonly database: Database;
  readonly domains: DomainDirectory;
  readonly links: Links;
}

/** A process that could not read the log for longer takes everything for changed; the log itself is kept twice as long. */
const CHANGES_RETENTION_MS = 3_600_000;
const TRIM_INTERVAL_MS = 600_000;
/** Beside the longest statement: clock steps, and the time between a statement's timestamp and its start. */
const CHANGES_MARGIN_MS = 1_000;

/** Keeps links and domains true to what other processes write: the log is polled, notifications hasten that. */
export function followChanges({ config, log, database, domains, links }: ChangeParts): ChangeFeed {
  const refreshDomains = () =>
    domains.refresh(() => findDomains(database)).catch((error) => log.debug('domains could not be read', { error }));
  const feed = new ChangeFeed({
    read: (sinceMs) => readChanges(database, sinceMs),
    pollMs: config.CHANGES_POLL_MS,
    overlapMs: config.WRITE_TIMEOUT_MS + CHANGES_MARGIN_MS,
    retentionMs: CHANGES_RETENTION_MS,
    log,
    onChange: ({ domainId, shortCode }) => {
      if (shortCode === null) void refreshDomains();
      else links.changed(domainId, shortCode);
    },
    onEverything: (reason) => {
      log.warn('all cached links will be checked again', { reason });
      links.everythingChanged();
      void refreshDomains();
    },
  });
  const stopListening = listen(database, CHANGES_CHANNEL, () => feed.hint(), log);
  const trimming = setInterval(() => {
    trimChanges(database, 2 * CHANGES_RETENTION_MS).catch((error) => log.debug('changes were not trimmed', { error }));
    trimIdempotencyKeys(database, KEY_LIFETIME_MS).catch((error) => log.debug('keys were not trimmed', { error }));
  }, TRIM_INTERVAL_MS);
  feed.onClose(() => {
    stopListening();
    clearInterval(trimming);
  });
  return feed;
}
