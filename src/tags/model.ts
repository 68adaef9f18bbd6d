import { Type } from '@sinclair/typebox';
import { Pagination } from '../http/paging.ts';

// What the documentation says of bodies and answers.

const Count = Type.Integer({ minimum: 0 });

export const TagList = Type.Object({
  tags: Type.Object({ data: Type.Array(Type.String()), pagination: Pagination }),
});

export const TagStatsList = Type.Object({
  tags: Type.Object({
    data: Type.Array(
      Type.Object({
        tag: Type.String(),
        shortUrlsCount: Count,
        visitsSummary: Type.Object(
          { total: Count, nonBots: Count, bots: Count },
          { description: 'Visits of the short URLs that have the tag now.' },
        ),
      }),
    ),
    pagination: Pagination,
  }),
});

export const TagRenamingBody = Type.Object(
  { oldName: Type.String(), newName: Type.String() },
  { examples: [{ oldName: 'games', newName: 'play' }] },
);
