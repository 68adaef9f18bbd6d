import type { DocumentDecoration } from 'elysia';
import { MAX_ITEMS_PER_PAGE } from '../http/paging.ts';
import type { TagOrderField } from './request.ts';

type Parameter = NonNullable<DocumentDecoration['parameters']>[number];

const TEXT = { type: 'string' } as const;

/** The parameters of a list of tags, for the documentation. They are judged by request.ts. */
export function listParameters(fields: readonly TagOrderField[]): Parameter[] {
  const orders = fields.flatMap((field) => [field, `${field}-ASC`, `${field}-DESC`]);
  return [
    inQuery('page', 'Which page, from 1.', { type: 'integer', minimum: 1, default: 1 }),
    inQuery('itemsPerPage', `All if nothing is said, at most ${MAX_ITEMS_PER_PAGE}.`, { type: 'integer', minimum: -1 }),
    inQuery('searchTerm', 'Part of a tag, whatever its case.', TEXT),
    inQuery('orderBy', 'Ascending without a direction.', { type: 'string', enum: orders, default: 'tag-ASC' }),
  ];
}

export const NAMES_PARAMETER: Parameter = {
  ...inQuery('tags[]', 'The tags to delete; unknown ones are passed over.', { type: 'array', items: TEXT }),
  required: true,
};

function inQuery(name: string, description: string, schema: object): Parameter {
  return { name, in: 'query', description, required: false, schema };
}
