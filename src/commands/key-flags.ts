import type { FlagValues } from '../lib/args.ts';

/** The flags of `hop key`, of which each action takes some. */
export const KEY_FLAGS = {
  embedded: { type: 'boolean', description: 'Use the embedded database of DATA_DIR, whether or not hop runs on it' },
  name: { type: 'string', description: 'create: what the key is called; default: something made up' },
  expires: { type: 'string', description: 'create: when it ends, as 2030-01-31 or 2030-01-31T12:00Z' },
  stdin: { type: 'boolean', description: 'create: take the key from standard input, for one that exists elsewhere' },
  role: {
    type: 'string',
    description:
      'create: AUTHORED_SHORT_URLS, DOMAIN_SPECIFIC:go.example.com or NO_ORPHAN_VISITS, several with commas; default: no limit',
  },
  'author-only': {
    type: 'boolean',
    description: 'create: as AUTHORED_SHORT_URLS: for no short URLs but those made with it',
  },
  'domain-only': {
    type: 'string',
    description: 'create: as DOMAIN_SPECIFIC: for no short URLs but those of this domain',
  },
  'no-orphan-visits': {
    type: 'boolean',
    description: 'create: as NO_ORPHAN_VISITS: not for visits that belong to no short URL',
  },
  json: { type: 'boolean', description: 'list: print JSON' },
} as const;

export type KeyFlags = FlagValues<typeof KEY_FLAGS>;
