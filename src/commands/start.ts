import type { Config } from '../config.ts';
import { defineCommand } from './command.ts';
import { addressOf, serve } from './serving.ts';

export const command = defineCommand({
  summary: 'Try hop on this machine: an embedded database, and no account or key needed',
  usage: '',
  flags: {},
  async run() {
    const serving = await serve({ embedded: true, onProgress: print });
    await Promise.race([serving.supervisor.ready, serving.ended]);
    const { introduceKey, makeFirstKey } = await import('./first-key.ts');
    const key = await makeFirstKey(serving);
    print(welcome(serving.config) + (key === undefined ? '' : introduceKey(key)));
    return serving.ended;
  },
});

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

function welcome(config: Config): string {
  const { ANONYMOUS_CREATE, DATA_DIR } = config;
  const address = addressOf(config);
  const key = ANONYMOUS_CREATE ? '' : ` -H 'X-Api-Key: …'`;
  return `
hop is running at ${address}  (data in ${DATA_DIR}; Ctrl-C ends it)

  curl${key} -d '{"url":"www.example.com"}' ${address}/
`;
}
