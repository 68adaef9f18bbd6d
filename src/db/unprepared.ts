/**
 * Planned anew each time, for its own values: the plan that a prepared statement gets after some runs is made for any
 * values, and no single one serves both a tag that half of the rows have and one that two have. The driver has this
 * option for texts only (`sql.unsafe`), though it reads it from every statement.
 */
export function unprepared<T extends object>(query: T): T {
  return Object.assign(query, { options: { prepare: false } });
}
