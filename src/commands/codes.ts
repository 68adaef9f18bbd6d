import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import { tryLock } from '../lib/lifecycle/exclusive-lock.ts';
import { describeClash, type FoldReport, foldCodes, reportUnfolded } from '../short-urls/fold.ts';
import { CommandError, defineCommand, EXIT, print } from './command.ts';
import { withKeyDatabase } from './key-database.ts';

export const command = defineCommand({
  summary: 'Check whether all short codes can be found in any case, for SHORT_URL_MODE=loose',
  usage: '[--fold] [--embedded]',
  flags: {
    fold: { type: 'boolean', description: 'Store all in lower case that clash with no other; stop hop before' },
    embedded: { type: 'boolean', description: 'On the embedded database, rather than that of DATABASE_URL' },
  },
  async run({ flags: { fold = false, embedded = false } }) {
    const report = await withKeyDatabase({ embedded, overrides: PATIENT }, (database, config) =>
      fold ? foldAll(database, config) : reportUnfolded(database),
    );
    await print(describe(report));
    return report.clashes.length === 0 ? EXIT.ok : EXIT.failure;
  },
});

/** A code may have millions of visits. */
const PATIENT = { REPORT_TIMEOUT_MS: '600000' };

async function foldAll(database: Database, config: Config): Promise<FoldReport> {
  requireStopped(config);
  const { clashes } = await reportUnfolded(database);
  const folded = await foldCodes(database, clashes);
  await print(`Stored ${folded} in lower case.\n`);
  return reportUnfolded(database);
}

/** What it has in memory and in its journals would be recorded under the old codes. */
function requireStopped({ DATA_DIR }: Config): void {
  const directory = resolve(DATA_DIR);
  if (!existsSync(directory) || tryLock(join(directory, 'supervisor.lock')) !== undefined) return;
  throw new CommandError(
    `hop is running on ${directory}. Stop it first: visits would be recorded under the old codes.`,
  );
}

const CLASHING = 'These clash, and the one in lower case hides the others. Delete all but one of each:';

function describe({ unfolded, clashes }: FoldReport): string {
  if (unfolded === 0) return 'All short codes are in lower case.\n';
  const lines = [
    `Short codes that are not in lower case: ${unfolded}. With SHORT_URL_MODE=loose they are found only as they are`,
    'written. "hop codes --fold" stores those in lower case that clash with no other.',
  ];
  if (clashes.length > 0) lines.push('', CLASHING, ...clashes.map(describeClash));
  return `${lines.join('\n')}\n`;
}
