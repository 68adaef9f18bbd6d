import type { ApiKey } from '../api-keys/api-key.ts';
import type { Database } from '../db/database.ts';
import { windowOf } from '../http/paging.ts';
import { AppError } from '../lib/errors.ts';
import { isRestricted, visibilityOf } from '../short-urls/visibility.ts';
import { countTags, listTags, rankTags, statsOfTags, type TagSelection, type TagStats } from './list-store.ts';
import type { TagListRequest, TagRenaming } from './request.ts';
import { deleteTags, renameTag, type Tag } from './store.ts';

export interface TagPage<T> {
  readonly items: readonly T[];
  /** Of all pages. */
  readonly totalItems: number;
}

/** Lists tags and changes them, as far as an API key may. Nothing that is cached knows a tag by its name. */
export class TagService {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Errors: `database-unavailable`. */
  async list(request: TagListRequest, apiKey: ApiKey): Promise<TagPage<string>> {
    const { items, totalItems } = await this.#page(request, selectionOf(request, apiKey));
    return { items: items.map(({ name }) => name), totalItems };
  }

  /** Errors: `database-unavailable`. */
  async stats(request: TagListRequest, apiKey: ApiKey): Promise<TagPage<TagStats>> {
    const selection = selectionOf(request, apiKey);
    if (request.order.field === 'tag') return this.#statsByName(request, selection);
    const [items, totalItems] = await Promise.all([
      rankTags(this.#database, selection, request.order, windowOf(request.paging)),
      countTags(this.#database, selection),
    ]);
    return { items, totalItems };
  }

  /** Errors: `forbidden-tag-operation`, `tag-not-found`, `tag-conflict`. */
  async rename({ oldName, newName }: TagRenaming, apiKey: ApiKey): Promise<void> {
    requireUnrestricted(apiKey, 'rename');
    const result = await renameTag(this.#database, oldName, newName);
    if (result === 'unknown') throw tagNotFound(oldName);
    if (result === 'taken') throw tagConflict(oldName, newName);
  }

  /** Unknown names are passed over. Errors: `forbidden-tag-operation`. */
  async delete(names: readonly string[], apiKey: ApiKey): Promise<void> {
    requireUnrestricted(apiKey, 'delete');
    if (names.length > 0) await deleteTags(this.#database, names);
  }

  async #page({ order, paging }: TagListRequest, selection: TagSelection): Promise<TagPage<Tag>> {
    const [items, totalItems] = await Promise.all([
      listTags(this.#database, selection, order.direction, windowOf(paging)),
      countTags(this.#database, selection),
    ]);
    return { items, totalItems };
  }

  /** The totals of the page's tags only. */
  async #statsByName(request: TagListRequest, selection: TagSelection): Promise<TagPage<TagStats>> {
    const { items: tags, totalItems } = await this.#page(request, selection);
    const tagIds = tags.map(({ tagId }) => tagId);
    const found = tagIds.length === 0 ? [] : await statsOfTags(this.#database, tagIds, selection.visibility);
    const byId = new Map(found.map((stats) => [stats.tagId, stats]));
    return { items: tags.map(({ tagId, name }) => ({ ...(byId.get(tagId) ?? NOTHING), tag: name })), totalItems };
  }
}

const NOTHING = { shortUrlsCount: 0, nonBots: 0, bots: 0 };

function selectionOf({ searchTerm }: TagListRequest, apiKey: ApiKey): TagSelection {
  return { searchTerm, visibility: visibilityOf(apiKey) };
}

/** A tag is on the short URLs of others too. */
function requireUnrestricted(apiKey: ApiKey, operation: 'rename' | 'delete'): void {
  if (!isRestricted(visibilityOf(apiKey))) return;
  throw new AppError('forbidden-tag-operation', `You are not allowed to ${operation} tags`);
}

export function tagNotFound(tag: string): AppError {
  return new AppError('tag-not-found', `Tag with name "${tag}" could not be found`, { extra: { tag } });
}

function tagConflict(oldName: string, newName: string): AppError {
  return new AppError('tag-conflict', `You cannot rename tag ${oldName} to ${newName}, because it already exists`, {
    extra: { oldName, newName },
  });
}
