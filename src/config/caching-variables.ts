import { bytes, integer, milliseconds, seconds } from './schema.ts';

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** What a process remembers of links, and how it looks up what it does not. */
export const caching = {
  CACHE_MAX_BYTES: bytes({
    default: 256 * MiB,
    minimum: MiB,
    maximum: 64 * GiB,
    description: 'Memory of a process for cached links.',
  }),
  CACHE_TTL_S: seconds({
    default: 300,
    minimum: 1,
    maximum: 86_400,
    description: 'Age at which a cached link is checked against the database again, while it is still served.',
  }),
  UNKNOWN_CODES_MAX: integer({
    default: 100_000,
    minimum: 1000,
    maximum: 10_000_000,
    description: 'Unknown short codes that a process remembers, each for at most a second.',
  }),
  LOOKUP_DEADLINE_MS: milliseconds({
    default: 250,
    minimum: 10,
    maximum: 10_000,
    description: 'Time that a redirect waits for the database; then it is answered with 503.',
  }),
  LOOKUP_BATCHES_IN_FLIGHT: integer({
    default: 2,
    minimum: 1,
    maximum: 16,
    description: 'Lookup statements of a process that may be under way at once.',
  }),
  LOOKUP_BATCH_MAX: integer({
    default: 1000,
    minimum: 1,
    maximum: 10_000,
    description: 'Short codes looked up by one statement.',
  }),
  LOOKUP_QUEUE_MAX: integer({
    default: 20_000,
    minimum: 100,
    maximum: 1_000_000,
    description: 'Redirects of a process that may wait for the database; more are answered with 503 at once.',
  }),
};
