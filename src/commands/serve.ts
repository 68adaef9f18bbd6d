import { defineCommand } from './command.ts';
import { addressOf, serve } from './serving.ts';

export const command = defineCommand({
  summary: 'Serve short URLs from the PostgreSQL of DATABASE_URL',
  usage: '[--embedded]',
  flags: {
    embedded: { type: 'boolean', description: 'Use a PostgreSQL of our own below DATA_DIR instead of DATABASE_URL' },
  },
  async run({ flags }) {
    const { config, ended } = await serve({ embedded: flags.embedded === true });
    process.stdout.write(`hop is listening on ${addressOf(config)}\n`);
    return ended;
  },
});
