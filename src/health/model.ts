import { type Static, Type } from '@sinclair/typebox';

/** The health of hop (draft-inadarei-api-health-check). */
export const Health = Type.Object(
  {
    status: Type.Union([Type.Literal('pass'), Type.Literal('fail')], {
      description: '`fail` when the database does not answer.',
    }),
    version: Type.String({
      description: 'Version of Shlink whose API this one is alike: clients derive from it what they can do.',
    }),
    releaseId: Type.String({ description: 'Version of hop.' }),
    links: Type.Object({
      about: Type.String({ description: 'Where this API is described.' }),
      project: Type.String({ description: 'Where this API is described.' }),
    }),
  },
  {
    examples: [
      {
        status: 'pass',
        version: '5.0.0',
        releaseId: '0.1.0',
        links: { about: 'https://s.test/rest/docs', project: 'https://s.test/rest/docs' },
      },
    ],
  },
);
export type Health = Static<typeof Health>;
