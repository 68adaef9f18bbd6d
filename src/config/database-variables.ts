import { Type } from '@sinclair/typebox';
import { boolean, integer, milliseconds, text } from './schema.ts';

/** Where links and visits are kept, and how a process asks for them. */
export const database = {
  DATABASE_URL: Type.Optional(
    text('postgres-url', {
      secret: true,
      derived: 'required, unless embedded',
      description: 'PostgreSQL 15 or later. `?host=/directory` names a unix socket, commas separate several hosts.',
    }),
  ),
  DATA_DIR: text('path', {
    default: 'data',
    description: 'Folder for what this installation keeps on disk, such as the embedded database.',
  }),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds({
    default: 2000,
    minimum: 100,
    maximum: 30_000,
    description: 'Time to open a connection.',
  }),
  DATABASE_PREPARE: boolean({
    default: true,
    description: 'Prepared statements; set `false` behind PgBouncer before 1.21.',
  }),
  POOL_LOOKUPS: pool(2, 'Connections of a process for redirects that miss the cache.'),
  POOL_WRITES: pool(4, 'Connections of a process for creating and editing.'),
  POOL_REPORTS: pool(2, 'Connections of a process for lists and statistics.'),
  WRITE_TIMEOUT_MS: milliseconds({
    default: 5000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time a write may take before it is given up.',
  }),
  REPORT_TIMEOUT_MS: milliseconds({
    default: 30_000,
    minimum: 1000,
    maximum: 600_000,
    description: 'Time a list or a statistic may take before it is given up.',
  }),
  DATABASE_SERVER_TIMEOUTS: boolean({
    default: true,
    description:
      'Whether connections set `statement_timeout`; set `false` behind a PgBouncer that refuses start-up parameters, and set it for the role, to `WRITE_TIMEOUT_MS` at most: a longer write may stay unknown to other processes.',
  }),
  CHANGES_POLL_MS: milliseconds({
    default: 1000,
    minimum: 100,
    // An edit must reach every process within 2 s, also without NOTIFY.
    maximum: 1500,
    description: 'How often a process asks for edits made by others; a notification makes it ask at once.',
  }),
};

function pool(connections: number, description: string) {
  return integer({ default: connections, minimum: 1, maximum: 100, description });
}
