import { Type } from '@sinclair/typebox';
import { CONDITION_TYPES } from '../redirect/rules.ts';

// What the documentation says of bodies and answers. Bodies are judged by request.ts.

const Text = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const rule = {
  longUrl: Type.String({ description: 'Where visitors go who meet all conditions.' }),
  conditions: Type.Array(
    Type.Object({
      type: Type.Union(CONDITION_TYPES.map((type) => Type.Literal(type))),
      matchKey: Text('The name of the parameter, for conditions on the query.'),
      matchValue: Text('What is looked for: a device, a language, an address, a date …'),
    }),
    { minItems: 1 },
  ),
};

export const RulesBody = Type.Object(
  {
    redirectRules: Type.Optional(
      Type.Array(Type.Object(rule), { description: 'In order of priority; they replace all that there are.' }),
    ),
  },
  {
    examples: [
      {
        redirectRules: [
          {
            longUrl: 'https://example.com/android',
            conditions: [{ type: 'device', matchKey: null, matchValue: 'android' }],
          },
        ],
      },
    ],
  },
);

export const RuleList = Type.Object({
  defaultLongUrl: Type.String({ description: 'Where everybody else goes.' }),
  redirectRules: Type.Array(Type.Object({ ...rule, priority: Type.Integer({ minimum: 1 }) })),
});
