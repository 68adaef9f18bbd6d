import { VERSION } from '../lib/version.ts';
import { defineCommand, EXIT, print } from './command.ts';

export const command = defineCommand({
  summary: 'Show the version',
  usage: '',
  flags: {},
  async run() {
    await print(`hop ${VERSION} (Bun ${Bun.version})\n`);
    return EXIT.ok;
  },
});
