import { describeConfig, loadConfig, markdownTables, processEnvironment, type Setting } from '../config.ts';
import { defineCommand, EXIT, print } from './command.ts';

export const command = defineCommand({
  summary: 'Check the configuration and show its effective values, secrets masked',
  usage: '[--embedded | --markdown]',
  flags: {
    embedded: { type: 'boolean', description: 'As it is for the commands that run on the embedded database' },
    markdown: { type: 'boolean', description: 'Show all variables with their defaults and bounds, as Markdown' },
  },
  async run({ flags: { embedded = false, markdown = false } }) {
    await print(markdown ? markdownTables() : effectiveValues(embedded));
    return EXIT.ok;
  },
});

function effectiveValues(embedded: boolean): string {
  const environment = processEnvironment();
  const config = loadConfig(environment, { embedded });
  return describeConfig(config, environment).map(line).join('');
}

function line({ name, value, source }: Setting): string {
  return `${name}=${value ?? ''}  (${value === undefined ? 'not set' : source})\n`;
}
