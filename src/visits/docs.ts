import type { DocumentDecoration } from 'elysia';
import { MAX_ITEMS_PER_PAGE } from '../http/paging.ts';
import { operation, problems } from '../short-urls/rest-docs.ts';
import { ORPHAN_KINDS } from './lists/visit.ts';

type Parameter = NonNullable<DocumentDecoration['parameters']>[number];

export const DATE = { type: 'string', format: 'date-time' } as const;
const TEXT = { type: 'string' } as const;

export const START_DATE = inQuery('startDate', 'Only visits of then or later, ISO 8601.', DATE);
export const END_DATE = inQuery('endDate', 'Only visits of then or earlier, ISO 8601.', DATE);
export const EXCLUDE_BOTS = inQuery('excludeBots', 'Leave out visits that seem to be of bots.', {
  type: 'string',
  enum: ['true', 'false'],
  default: 'false',
});

/** The parameters of all lists of visits. */
export const LIST_PARAMETERS: Parameter[] = [
  START_DATE,
  END_DATE,
  inQuery('page', 'Which page, from 1; newest visits first.', { type: 'integer', minimum: 1, default: 1 }),
  inQuery('itemsPerPage', `All that there are if nothing is said; at most ${MAX_ITEMS_PER_PAGE} on a page.`, {
    type: 'integer',
    minimum: -1,
  }),
  EXCLUDE_BOTS,
];

export const SHORT_CODE = inPath('shortCode', 'The short code or slug.');
export const TAG = inPath('tag', 'The tag.');
export const DOMAIN_NAME = inPath('domain', 'The domain; `DEFAULT` is the default one.');
export const DOMAIN_OF_SHORT_URL = inQuery('domain', 'Its domain, if not the default one.', TEXT);
export const DOMAIN = inQuery('domain', 'Only visits of this domain; `DEFAULT` is the default one.', TEXT);
export const ORPHAN_TYPE = inQuery('type', 'Only visits of this type.', { type: 'string', enum: [...ORPHAN_KINDS] });

export const INVALID_PARAMETERS = 'Parameters are not valid; `invalidElements` names them.';

/** An operation on visits, with the answers that all of them have. */
export function visitOperation(
  operationId: string,
  summary: string,
  { refusals, responses, ...detail }: DocumentDecoration & { readonly refusals?: Readonly<Record<number, string>> },
): DocumentDecoration {
  return operation(operationId, summary, {
    tags: ['Visits'],
    ...detail,
    responses: { ...responses, ...problems(refusals) },
  });
}

export function inQuery(name: string, description: string, schema: object): Parameter {
  return { name, in: 'query', description, required: false, schema };
}

function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', description, required: true, schema: TEXT };
}
