import { removeApiKey, setApiKeyEnabled } from '../api-keys/admin.ts';
import { ArgumentsError } from '../lib/args.ts';
import { defineCommand, EXIT, print } from './command.ts';
import { createKey, readKeyOptions } from './key-create.ts';
import { withKeyDatabase } from './key-database.ts';
import { KEY_FLAGS, type KeyFlags } from './key-flags.ts';
import { listKeys } from './key-list.ts';

interface Action {
  /** The flags that it takes beside `--embedded`. */
  readonly flags: readonly (keyof KeyFlags)[];
  readonly takesName: boolean;
  run(flags: KeyFlags, name: string): Promise<void>;
}

const create: Action = {
  flags: ['name', 'expires', 'stdin', 'role', 'author-only', 'domain-only', 'no-orphan-visits'],
  takesName: false,
  async run(flags) {
    const options = await readKeyOptions(flags, new Date());
    await withKeyDatabase(flags, (database, config) => createKey(database, config, options));
  },
};

const list: Action = {
  flags: ['json'],
  takesName: false,
  run: (flags) => withKeyDatabase(flags, async (database) => print(await listKeys(database, flags.json === true))),
};

const GONE_SOON = 'within 2 s nobody takes it';
const enable = change('enabled', (database, name) => setApiKeyEnabled(database, name, true));
const disable = change(`disabled; ${GONE_SOON}`, (database, name) => setApiKeyEnabled(database, name, false));
const remove = change(`deleted; ${GONE_SOON}`, removeApiKey);

const ACTIONS = new Map(Object.entries({ create, list, enable, disable, delete: remove }));

export const command = defineCommand({
  summary: 'Create, list, enable, disable and delete API keys',
  usage: 'create | list | enable NAME | disable NAME | delete NAME  [FLAGS]',
  flags: KEY_FLAGS,
  maxPositionals: 2,
  async run({ flags, positionals: [verb, name] }) {
    const action = ACTIONS.get(verb ?? '');
    // What was given is never repeated: it may be a key.
    if (action === undefined) throw new ArgumentsError('Say what to do: create, list, enable, disable or delete');
    requireFlags(action, flags);
    if (action.takesName && name === undefined) throw new ArgumentsError(`"hop key ${verb}" needs the name of a key`);
    if (!action.takesName && name !== undefined) throw new ArgumentsError(`"hop key ${verb}" takes flags only`);
    await action.run(flags, name ?? '');
    return EXIT.ok;
  },
});

function change(outcome: string, work: typeof removeApiKey): Action {
  return {
    flags: [],
    takesName: true,
    async run(flags, name) {
      await withKeyDatabase(flags, (database) => work(database, name));
      process.stderr.write(`The key "${name}" is ${outcome}.\n`);
    },
  };
}

function requireFlags(action: Action, flags: KeyFlags): void {
  const surplus = Object.keys(flags).find((flag) => flag !== 'embedded' && !action.flags.some((own) => own === flag));
  if (surplus !== undefined) throw new ArgumentsError(`Option '--${surplus}' does not belong to this`);
}
