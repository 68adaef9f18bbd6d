import { DOMAIN, KEY } from './filled-hop.ts';
import type { Tab } from './tab.ts';

export interface View {
  readonly name: string;
  readonly path: string;
  /** Stands there only once hop's answer is shown. */
  readonly shows: string;
  /** A selector for what is drawn of it. */
  readonly draws?: string;
  /** With the view open; gives what is wrong. */
  readonly act?: (tab: Tab, hopUrl: string) => Promise<string[]>;
}

export const VIEWS: readonly View[] = [
  { name: 'overview', path: 'overview', shows: 'A title to look at' },
  { name: 'list', path: 'list-short-urls/1', shows: 'A title to look at' },
  { name: 'tags', path: 'manage-tags', shows: 'fruit' },
  { name: 'domains', path: 'manage-domains', shows: 's.test' },
  { name: 'rules', path: 'short-code/looked-at/redirect-rules', shows: 'https://example.com/phones' },
  {
    name: 'visits-by-time',
    path: 'short-code/looked-at/visits/by-time',
    shows: 'Visits (2)',
    draws: '.recharts-line-curve',
  },
  {
    name: 'visits-by-context',
    path: 'short-code/looked-at/visits/by-context',
    shows: 'Firefox',
    draws: '.recharts-sector',
  },
  { name: 'visits-list', path: 'short-code/looked-at/visits/list', shows: 'Firefox' },
  { name: 'create', path: 'create-short-url', shows: 'Customize the short URL', act: create },
  { name: 'edit', path: 'short-code/looked-at/edit', shows: 'Customize the short URL', act: edit },
];

/** Fills and sends the form; the new short URL has to redirect. */
async function create(tab: Tab, hopUrl: string): Promise<string[]> {
  await tab.fill('URL to be shortened', 'https://example.com/made-in-the-browser');
  await tab.fill('Custom slug', 'made');
  await tab.fill('Title', 'Made in the browser');
  await tab.submit();
  if (!(await tab.shows('The short URL is'))) return ['was not told that it was created'];
  const answer = await fetch(`${hopUrl}/made`, { redirect: 'manual', headers: { host: DOMAIN } });
  const location = answer.headers.get('location');
  return location === 'https://example.com/made-in-the-browser' ? [] : [`redirects to ${location}`];
}

/** Another title; hop has to have it. */
async function edit(tab: Tab, hopUrl: string): Promise<string[]> {
  await tab.fill('Title', 'Edited in the browser');
  await tab.submit();
  if (!(await tab.shows('Short URL properly edited'))) return ['was not told that it was edited'];
  const answer = await fetch(`${hopUrl}/rest/v3/short-urls/looked-at`, { headers: { 'x-api-key': KEY } });
  const { title } = (await answer.json()) as { title: string };
  return title === 'Edited in the browser' ? [] : [`is now "${title}"`];
}
