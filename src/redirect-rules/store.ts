import type { Database } from '../db/database.ts';
import type { RuleRow } from '../redirect/rules.ts';
import type { ShortUrlKey } from '../short-urls/short-url.ts';
import { isVisible, type Visibility } from '../short-urls/visibility.ts';

/** A short URL with its rules, in order of priority. */
export interface RuledShortUrl {
  readonly longUrl: string;
  readonly rules: readonly RuleRow[];
}

/** Undefined when there is no such short URL to be seen. */
export async function findRules(
  database: Database,
  { domainId, shortCode }: ShortUrlKey,
  visibility: Visibility,
): Promise<RuledShortUrl | undefined> {
  const [row] = await database.run(
    'lookups',
    (sql) => sql<RuledShortUrl[]>`
      select s.long_url as "longUrl", coalesce((
        select json_agg(json_build_object('longUrl', r.long_url, 'conditions', r.conditions) order by r.priority)
        from redirect_rules r
        where s.has_redirect_rules
          and r.domain_id = s.domain_id and r.short_code = s.short_code and r.short_url_id = s.short_url_id
      ), '[]') as rules
      from short_urls s
      where s.domain_id = ${domainId} and s.short_code = ${shortCode} and ${isVisible(sql, visibility)}`,
    { retry: true },
  );
  return row;
}

/**
 * Replaces the rules of a short URL and logs the change, in one statement; answers its long URL, undefined when there
 * is none to be seen. The new rules are numbered on from the old ones: where two of these meet, the second does not see
 * what the first has written, and would leave it standing; so both write the same numbers, and the second is refused.
 * Errors: SQLSTATE 23505 in that case, to be sent again.
 */
export async function replaceRules(
  database: Database,
  { domainId, shortCode }: ShortUrlKey,
  rules: readonly RuleRow[],
  visibility: Visibility,
): Promise<string | undefined> {
  const [row] = await database.run(
    'writes',
    (sql) => sql<{ longUrl: string }[]>`
      with ruled as (
        update short_urls s set has_redirect_rules = ${rules.length > 0}
        where s.domain_id = ${domainId} and s.short_code = ${shortCode} and ${isVisible(sql, visibility)}
        returning s.domain_id, s.short_code, s.short_url_id, s.long_url
      ), change as (
        insert into short_url_changes (domain_id, short_code) select domain_id, short_code from ruled
      ), removed as (
        delete from redirect_rules r using ruled s where r.domain_id = s.domain_id and r.short_code = s.short_code
      ), written as (
        insert into redirect_rules (domain_id, short_code, short_url_id, priority, long_url, conditions)
        select s.domain_id, s.short_code, s.short_url_id, n.position + (
            select coalesce(max(r.priority), 0) from redirect_rules r
            where r.domain_id = s.domain_id and r.short_code = s.short_code
          ), n.rule ->> 'longUrl', n.rule -> 'conditions'
        from ruled s
        cross join jsonb_array_elements(${JSON.stringify(rules)}::text::jsonb) with ordinality as n (rule, position)
      )
      select long_url as "longUrl" from ruled`,
    { retry: false },
  );
  return row?.longUrl;
}
