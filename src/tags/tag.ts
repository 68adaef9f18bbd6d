/** In characters; far below what fits a btree entry. */
export const MAX_TAG_LENGTH = 255;

/**
 * A tag as somebody wrote it → as it is kept: trimmed, each blank within it a hyphen, in Unicode's lower case.
 * Undefined for what can be no tag: nothing, too long, or text that PostgreSQL cannot store.
 */
export function normaliseTag(text: string): string | undefined {
  const tag = text.trim().replace(/\s/g, '-').toLowerCase();
  const isTag = tag !== '' && tag.length <= MAX_TAG_LENGTH && tag.isWellFormed() && !tag.includes('\0');
  return isTag ? tag : undefined;
}
