import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { Glob } from 'bun';

// Roles become SQL in src/short-urls/visibility.ts only, and every statement on short URLs that an API key can cause
// has it. Types see to it that a statement is given a visibility; here is what they cannot see: that it is used.

const SRC = join(import.meta.dir, '../../src');

/** Statements that show nobody's short URLs to an API key, by the line of their `from short_urls`. */
const FOR_NOBODY: Readonly<Record<string, readonly string[]>> = {
  // Visitors and crawlers.
  'redirect/store.ts': ['join short_urls s on s.domain_id = asked', 'join short_urls s', 'from short_urls s'],
  'robots/store.ts': ['from short_urls s', 'from short_urls o where'],
  // A short URL that hides another one is logged as a change; which of two spellings is meant, before that one is read.
  'short-urls/store.ts': ['from short_urls d where d.domain_id = 0', 'from short_urls where domain_id = $'],
  // For `hop codes` and the log.
  'short-urls/fold-store.ts': ['from short_urls where short_code <>', 'from short_urls s'],
  // The rows of a page: their ids come from a statement with its conditions.
  'short-urls/list-store.ts': ['join short_urls s on s.short_url_id = p.short_url_id'],
  // Only ids, which `conditions` intersects with what is visible.
  'short-urls/list-filter.ts': ['from short_urls s where $'],
  // Where a list begins to read; its conditions come on top.
  'short-urls/list-order.ts': ['short_urls s', 'join short_urls s on s.short_url_id = v.short_url_id'],
  // Whether a domain is in use, for those who see all of it.
  'domains/list-store.ts': ['from short_urls s where s.domain_id = d.domain_id'],
};

/** Where the condition is, from the name of the table on. */
const [BEFORE, AFTER] = [120, 250];

test('no statement on short URLs leaves out what the API key may see', async () => {
  const forgotten: string[] = [];
  for (const [path, text] of await sources()) forgotten.push(...unrestricted(path, text));
  expect(forgotten).toEqual([]);
});

test('a planted one is found', () => {
  const text = 'sql`select long_url from short_urls s where s.short_code = 1`';
  expect(unrestricted('tags/store.ts', text)).toEqual(['tags/store.ts: from short_urls s where s.short_code = 1`']);
  expect(
    unrestricted('tags/store.ts', text.replace('s.short_code = 1', '$$' + '{isVisible(sql, visibility)}')),
  ).toEqual([]);
});

test('only one file compares authors', async () => {
  const comparing = (await sources()).flatMap(([path, text]) =>
    [...text.matchAll(/author_api_key_id (?:=|in|is)[^}\n]*/g)].map(([line]) => `${path}: ${line}`),
  );
  expect(comparing).toEqual([
    // What somebody asks for by name, on top of what he may see.
    expect.stringMatching(/^short-urls\/list-filter.ts: .*names\.authorId$/),
    expect.stringMatching(/^short-urls\/visibility.ts: .*authorApiKeyId$/),
  ]);
});

function unrestricted(path: string, text: string): string[] {
  return [...text.matchAll(/\b(?:from|join|update)\s+short_urls\b[^\n]*|sql`short_urls s\b[^\n]*/g)].flatMap(
    (match) => {
      const statement = text.slice(Math.max(0, match.index - BEFORE), match.index + AFTER);
      const isAllowed = (FOR_NOBODY[path] ?? []).some((start) => match[0].replace('sql`', '').startsWith(start));
      return isAllowed || /isVisible\(|conditions\(sql/.test(statement) ? [] : [`${path}: ${match[0]}`];
    },
  );
}

async function sources(): Promise<[path: string, text: string][]> {
  const paths = (await Array.fromAsync(new Glob('**/*.ts').scan(SRC))).sort();
  return Promise.all(
    paths.map(async (path): Promise<[string, string]> => [path, await Bun.file(join(SRC, path)).text()]),
  );
}
