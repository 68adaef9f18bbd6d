/** The pattern for `like` that finds a text with the term anywhere in it. */
export function containing(term: string): string {
  return `%${term.replace(/[\\%_]/g, '\\$&')}%`;
}
