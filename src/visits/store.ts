import type { Database } from '../db/database.ts';
import { codeOf, isRefusedData } from '../db/failures.ts';
import { applyBatch } from './apply.ts';
import { findTagIds } from './tags-of.ts';
import { tallyBatch, tallyTags } from './tally.ts';
import type { JournalGap, VisitBatch, VisitStore } from './visit-batch.ts';

/**
 * Visits in PostgreSQL. Every call may be repeated and may be made by several recorders at once: a batch is stored once,
 * because storing it moves its journal's checkpoint in the same statement.
 * Errors: `database-unavailable` (also a deadlock or a statement that took too long: send it again, in the latter case
 * fewer visits); what PostgreSQL said if it refuses the data, see {@link isRefusal}; nothing has been stored then.
 */
export function createVisitStore(database: Database): VisitStore {
  return {
    lastSequences: (journalIds) => lastSequences(database, journalIds),
    apply: (batch) => apply(database, batch),
    skip: (gap) => skip(database, gap),
  };
}

/** Whether a rejection of `apply` is about the visits: sent again as they are, they would be refused again. */
export function isRefusal(error: unknown): boolean {
  // 54: a text too long for an index.
  return isRefusedData(error) || codeOf(error).startsWith('54');
}

async function apply(database: Database, batch: VisitBatch): Promise<boolean> {
  const { shortUrls, orphans, scopes } = tallyBatch(batch.visits);
  // Read before, so that visits are counted here for each tag, which costs the server nothing.
  const tagIds = await findTagIds(database, shortUrls);
  const tags = tallyTags(shortUrls, ({ shortUrlId }) => tagIds.get(shortUrlId) ?? []);
  return applyBatch(database, batch, { shortUrls, orphans, scopes: [...scopes, ...tags] });
}

async function lastSequences(database: Database, journalIds: readonly string[]): Promise<Map<string, number>> {
  // Each row is only locked and answered when it is there already: `do nothing` would not answer it.
  const rows = await database.run(
    'writes',
    (sql) => sql<{ journalId: string; lastSequence: number }[]>`
      insert into journals (journal_id)
      select value::uuid from json_array_elements_text(${JSON.stringify(journalIds)}::text::json) order by value
      on conflict (journal_id) do update set last_seq = journals.last_seq
      returning journal_id as "journalId", last_seq as "lastSequence"`,
    { retry: true },
  );
  return new Map(rows.map(({ journalId, lastSequence }) => [journalId, lastSequence]));
}

async function skip(database: Database, { journalId, firstSequence, lastSequence }: JournalGap): Promise<boolean> {
  const rows = await database.run(
    'writes',
    (sql) => sql`
      with claimed as (
        update journals set last_seq = ${lastSequence}::bigint, updated_at = clock_timestamp()
        where journal_id = ${journalId}::uuid and last_seq = ${firstSequence}::bigint - 1
        returning journal_id
      )
      insert into journal_gaps (journal_id, first_seq, last_seq)
      select journal_id, ${firstSequence}::bigint, ${lastSequence}::bigint from claimed
      on conflict (journal_id, first_seq) do update set last_seq = excluded.last_seq
      returning journal_id`,
    { retry: true },
  );
  return rows.length > 0;
}
