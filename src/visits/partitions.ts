import type { Database } from '../db/database.ts';
import type { Logger } from '../observability/log.ts';
import { type Month, monthAfter, monthOf, monthOfPartition, partitionName, startMsOf, startOf } from './months.ts';

export interface PartitionOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Age in days at which raw visits may go; undefined keeps them for ever. */
  readonly retentionDays?: number | undefined;
  readonly nowMs?: number;
  /** Aborted when this process ends: what was begun is left to the next recorder, without a word. */
  readonly signal?: AbortSignal;
}

const TABLES = ['visits', 'orphan_visits'] as const;
type Table = (typeof TABLES)[number];
const MONTHS_AHEAD = 2;
const DAY_MS = 86_400_000;
/**
 * While we wait for a lock, everybody who comes later waits behind us; better to try again at the next upkeep. Moving
 * the default partition's rows under the lock takes some 0.5 s for the most that we move.
 */
const LOCK_TIMEOUT_MS = 500;
/** A month with more rows than this in the default partition stays there. */
const MAX_MOVED_ROWS = 50_000;
/** Rows that one statement deletes from a default partition. */
const DELETE_CHUNK = 20_000;

/**
 * Makes the partitions of this month and the next two and, by retention, drops those whose visits are all too old
 * (rollups stay). To be called at the start and then every few hours, by any number of recorders. False when something
 * could not be done, mostly because somebody holds a lock: it is logged, and a later call does it. Rejects never.
 */
export async function maintainPartitions(options: PartitionOptions): Promise<boolean> {
  const done: boolean[] = [];
  for (const table of TABLES) done.push(await makeMonths(options, table), await dropOld(options, table));
  return done.every(Boolean);
}

async function makeMonths(options: PartitionOptions, table: Table): Promise<boolean> {
  const { database, nowMs = Date.now() } = options;
  let isDone = true;
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead++) {
    const month = monthAfter(monthOf(nowMs), ahead);
    const name = partitionName(table, month);
    isDone = (await attempt(options, name, () => makePartition(database, table, month))) && isDone;
  }
  return isDone;
}

async function dropOld(options: PartitionOptions, table: Table): Promise<boolean> {
  const { database, retentionDays, nowMs = Date.now() } = options;
  if (retentionDays === undefined) return true;
  const cutoffMs = nowMs - retentionDays * DAY_MS;
  const isDropped = await attempt(options, table, () => dropPartitions(options, table, cutoffMs));
  return (await attempt(options, `${table}_default`, () => emptyDefault(database, table, cutoffMs))) && isDropped;
}

async function attempt(options: PartitionOptions, partition: string, upkeep: () => Promise<void>): Promise<boolean> {
  const { log, signal } = options;
  try {
    if (signal?.aborted) return false;
    await upkeep();
    return true;
  } catch (error) {
    // The database is closed while a statement of ours may be under way.
    if (!signal?.aborted)
      log.warn('a partition of visits could not be looked after; trying again later', { partition, error });
    return false;
  }
}

/**
 * Rows of that month that are in the default partition already move along: PostgreSQL refuses a partition whose rows
 * the default one has. The lock on the default partition keeps only those from inserting who would insert there, and
 * other recorders from doing the same. A block, for it is one round trip and has to look after it has the lock.
 */
async function makePartition(database: Database, table: Table, month: Month): Promise<void> {
  const name = partitionName(table, month);
  if (await exists(database, name)) return;
  const isOfMonth = `visited_at >= '${startOf(month)}' and visited_at < '${startOf(monthAfter(month))}'`;
  await runBlock(
    database,
    `lock table ${table}_default in access exclusive mode;
    if to_regclass('${name}') is not null
      or (select count(*) from (select from ${table}_default where ${isOfMonth} limit ${MAX_MOVED_ROWS + 1}) r) > ${MAX_MOVED_ROWS}
    then
      return;
    end if;
    create table ${name} (like ${table} including defaults including constraints);
    with moved as (delete from ${table}_default where ${isOfMonth} returning *) insert into ${name} select * from moved;
    alter table ${table} attach partition ${name} for values from ('${startOf(month)}') to ('${startOf(monthAfter(month))}');`,
  );
}

/** Detached first, which is quick; only then dropped, when nobody else can be waiting for it. */
async function dropPartitions({ database, log }: PartitionOptions, table: Table, cutoffMs: number): Promise<void> {
  for (const { name, isAttached } of await partitionsOf(database, table)) {
    const month = monthOfPartition(table, name);
    if (month === undefined || startMsOf(monthAfter(month)) > cutoffMs) continue;
    if (isAttached) await runBlock(database, `alter table ${table} detach partition ${name};`);
    await runBlock(database, `drop table if exists ${name};`);
    log.info('visits dropped by retention', { partition: name });
  }
}

async function emptyDefault(database: Database, table: Table, cutoffMs: number): Promise<void> {
  const cutoff = new Date(cutoffMs);
  const deleteOldest = async () => {
    const { count } = await database.run(
      'reports',
      (sql) => sql`
        delete from ${sql(`${table}_default`)} where visited_at < ${cutoff} and visited_at <= (
          select max(visited_at) from (
            select visited_at from ${sql(`${table}_default`)} order by visited_at limit ${DELETE_CHUNK}
          ) oldest
        )`,
      { retry: true },
    );
    return count;
  };
  while ((await deleteOldest()) > 0);
}

interface PartitionRow {
  readonly name: string;
  readonly isAttached: boolean;
}

/** Also those that were detached and then, because of a crash, not dropped. */
function partitionsOf(database: Database, table: Table): Promise<PartitionRow[]> {
  return database.run(
    'reports',
    (sql) => sql<PartitionRow[]>`
      select relname as name, relispartition as "isAttached" from pg_class
      where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname like ${`${table}\\_%`}
      order by relname`,
    { retry: true },
  );
}

async function exists(database: Database, name: string): Promise<boolean> {
  const [row] = await database.run(
    'reports',
    (sql) => sql<{ found: boolean }[]>`select to_regclass(${name}) is not null as found`,
    { retry: true },
  );
  return row?.found ?? false;
}

/** PL/pgSQL, as one statement and so one transaction. */
function runBlock(database: Database, body: string): Promise<unknown> {
  const block = `do $block$ begin
    perform set_config('lock_timeout', '${LOCK_TIMEOUT_MS}', true);
    ${body}
  end $block$`;
  return database.run('reports', (sql) => sql.unsafe(block), { retry: false });
}
