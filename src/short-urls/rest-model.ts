import { Type } from '@sinclair/typebox';

// What the documentation says of the REST API's bodies and answers. Bodies are judged by fields.ts, which names every
// field that is wrong, also those whose type is right.

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });

const DateTime = Type.String({ format: 'date-time' });

const edition = {
  longUrl: Type.Optional(Type.String({ description: 'Where the short URL leads.' })),
  validSince: Type.Optional(Nullable(DateTime, 'From when it leads there, ISO 8601.')),
  validUntil: Type.Optional(Nullable(DateTime, 'Until when it leads there, ISO 8601.')),
  maxVisits: Type.Optional(Nullable(Type.Integer({ minimum: 1 }), 'How many redirects are served at most.')),
  tags: Type.Optional(Type.Array(Type.String(), { description: 'All its tags.' })),
  title: Type.Optional(Nullable(Type.String(), 'A title, cut at 512 characters.')),
  crawlable: Type.Optional(Type.Boolean({ description: 'Whether robots.txt allows it.' })),
  forwardQuery: Type.Optional(Type.Boolean({ description: 'Whether the query of a visit is passed on.' })),
};

export const ShortUrlEdition = Type.Object(edition, {
  description: 'Fields left out stay as they are, null resets.',
  examples: [{ longUrl: 'https://example.com/new', tags: ['games'], maxVisits: null }],
});

export const ShortUrlCreation = Type.Object(
  {
    ...edition,
    longUrl: Type.String({ description: 'Where the short URL leads.' }),
    customSlug: Type.Optional(Type.String({ description: 'Its name, instead of a generated code.' })),
    pathPrefix: Type.Optional(Type.String({ description: 'Put in front of the slug or the generated code.' })),
    findIfExists: Type.Optional(Type.Boolean({ description: 'Answer the short URL that matches, if there is one.' })),
    domain: Type.Optional(Type.String({ description: 'The domain it belongs to; made if it is new.' })),
    shortCodeLength: Type.Optional(
      Type.Integer({ minimum: 4, maximum: 32, description: 'Length of the generated code.' }),
    ),
  },
  { description: 'null means absent.', examples: [{ longUrl: 'https://example.com/', tags: ['games', 'tech'] }] },
);

const Count = Type.Integer({ minimum: 0 });

export const ShortUrlModel = Type.Object(
  {
    shortCode: Type.String(),
    shortUrl: Type.String(),
    longUrl: Type.String(),
    dateCreated: DateTime,
    visitsSummary: Type.Object({ total: Count, nonBots: Count, bots: Count }),
    tags: Type.Array(Type.String()),
    meta: Type.Object({
      validSince: Nullable(DateTime, 'From when it leads there.'),
      validUntil: Nullable(DateTime, 'Until when it leads there.'),
      maxVisits: Nullable(Type.Integer(), 'How many redirects are served at most.'),
    }),
    domain: Nullable(Type.String(), 'null for the default domain.'),
    title: Nullable(Type.String(), 'A title.'),
    crawlable: Type.Boolean(),
    forwardQuery: Type.Boolean(),
    hasRedirectRules: Type.Boolean(),
  },
  {
    examples: [
      {
        shortCode: '12C18',
        shortUrl: 'https://s.test/12C18',
        longUrl: 'https://example.com/',
        dateCreated: '2026-08-21T20:34:16+00:00',
        visitsSummary: { total: 0, nonBots: 0, bots: 0 },
        tags: ['games', 'tech'],
        meta: { validSince: '2027-01-21T00:00:00+00:00', validUntil: null, maxVisits: 500 },
        domain: null,
        title: null,
        crawlable: false,
        forwardQuery: true,
        hasRedirectRules: false,
      },
    ],
  },
);

export const Problem = Type.Object({
  type: Type.String({ description: 'A URI that clients switch on.' }),
  title: Type.String(),
  detail: Type.String({ description: 'A sentence for people.' }),
  status: Type.Integer(),
});

export const BulkCreation = Type.Object(
  { shortUrls: Type.Array(ShortUrlCreation, { minItems: 1, maxItems: 1000 }) },
  { examples: [{ shortUrls: [{ longUrl: 'https://example.com/1' }, { longUrl: 'https://example.com/2' }] }] },
);

export const BulkResult = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Object({ status: Type.Literal(200), shortUrl: ShortUrlModel }),
      Type.Object({ status: Type.Integer({ minimum: 400 }), problem: Problem }),
    ]),
    { description: 'One for each item, in their order.' },
  ),
});
