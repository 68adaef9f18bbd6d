import type { DocumentDecoration } from 'elysia';
import { MAX_ITEMS_PER_PAGE } from '../http/paging.ts';
import { ORDER_FIELDS } from './list-request.ts';

type Parameter = NonNullable<DocumentDecoration['parameters']>[number];

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'array', items: TEXT } as const;
const BOOLEAN = { type: 'string', enum: ['true', 'false'] } as const;
const MODE = { type: 'string', enum: ['any', 'all'], default: 'any' } as const;
const DATE = { type: 'string', format: 'date-time' } as const;
const ORDERS = ORDER_FIELDS.flatMap((field) => [field, `${field}-ASC`, `${field}-DESC`]);

/** The parameters of a list, for the documentation. They are judged by list-request.ts. */
export const LIST_PARAMETERS: Parameter[] = [
  inQuery('page', 'Which page, from 1.', { type: 'integer', minimum: 1, default: 1 }),
  inQuery('itemsPerPage', `At most ${MAX_ITEMS_PER_PAGE} are answered; -1 means all, up to as many.`, {
    type: 'integer',
    minimum: -1,
    default: 10,
  }),
  inQuery('searchTerm', 'Part of a short code, long URL, title, tag or domain, whatever its case.', TEXT),
  inQuery('tags[]', 'Only short URLs with these tags.', TEXTS),
  inQuery('tagsMode', 'Whether any of `tags` is enough.', MODE),
  inQuery('excludeTags[]', 'Only short URLs without these tags.', TEXTS),
  inQuery('excludeTagsMode', 'Whether any of `excludeTags` is enough.', MODE),
  inQuery('orderBy', 'Newest first if nothing is said; ascending without a direction.', {
    type: 'string',
    enum: ORDERS,
    default: 'dateCreated-DESC',
  }),
  inQuery('startDate', 'Only those made then or later, ISO 8601.', DATE),
  inQuery('endDate', 'Only those made then or earlier, ISO 8601.', DATE),
  inQuery('excludeMaxVisitsReached', 'Leave out those that have served all their redirects.', BOOLEAN),
  inQuery('excludePastValidUntil', 'Leave out those that have expired.', BOOLEAN),
  inQuery('domain', 'Only those of this domain; `DEFAULT` is the default one.', TEXT),
  inQuery(
    'apiKeyName',
    'Only those made with this API key. Ignored for restricted keys, unless it is their own.',
    TEXT,
  ),
];

function inQuery(name: string, description: string, schema: object): Parameter {
  return { name, in: 'query', description, required: false, schema };
}
