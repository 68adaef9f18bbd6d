// `bun run test:browser`: the component of Shlink's web client in headless Chromium against a real hop. Each of its views
// has to show what hop has, without an error in the console or the network; a screenshot of each is made to look at.
// The component with its packages takes 240 MB, so they are no dependency but installed into a folder of their own.
import { join } from 'node:path';
import { withTemplate } from '../support/run-databases.ts';
import { installApp, serveApp } from './app.ts';
import { hasChromium, startChromium } from './chromium.ts';
import type { DevTools } from './devtools.ts';
import { DOMAIN, KEY, startFilledHop } from './filled-hop.ts';
import { Tab } from './tab.ts';
import { VIEWS, type View } from './views.ts';

const FOLDER = process.env.HOP_BROWSER_FOLDER ?? join(import.meta.dir, '../../node_modules/.hop-browser');

if (!hasChromium) skip('there is no Chromium');
if (!(await installApp(FOLDER))) skip('the packages of test/browser/app cannot be had');
process.exit(await withTemplate(look));

async function look(serverUrl: string, template: string): Promise<number> {
  Object.assign(process.env, { HOP_TEST_DATABASE_URL: serverUrl, HOP_TEST_TEMPLATE: template });
  await using hop = await startFilledHop();
  await using app = await serveApp(FOLDER, hop.url);
  await using chromium = await startChromium(join(FOLDER, 'profile'), DOMAIN, hop.port);
  const problemsOf = (view: View, key = KEY) => problemsIn(chromium.devTools, view, `${app.url}/${key}`, hop.url);
  let failed = 0;
  for (const view of VIEWS) failed += report(view.name, await problemsOf(view));
  // That an error is seen at all: with a wrong key hop has to refuse.
  const refused = await problemsOf(
    { name: 'wrong-key', path: 'list-short-urls/1', shows: 'Something went wrong' },
    'wrong',
  );
  failed += report('wrong-key', refused.some((problem) => problem.startsWith('401 of')) ? [] : ['was not refused']);
  console.log(`screenshots: ${FOLDER}`);
  return failed === 0 ? 0 : 1;
}

/** What is wrong with a view and with what is done in it. */
async function problemsIn(devTools: DevTools, view: View, appUrl: string, hopUrl: string): Promise<string[]> {
  const { name, path, shows, draws, act } = view;
  await using tab = await Tab.open(devTools);
  await tab.goTo(`${appUrl}/${path}`);
  const isShown = await tab.shows(shows, draws);
  const wrong = isShown ? ((await act?.(tab, hopUrl)) ?? []) : [`does not show "${shows}" ${draws ?? ''}`];
  await tab.screenshot(join(FOLDER, `${name}.png`));
  return [...wrong, ...tab.problems];
}

function report(name: string, problems: readonly string[]): 0 | 1 {
  console.log(problems.length === 0 ? 'ok  ' : 'FAIL', name, ...problems.map((problem) => `\n       ${problem}`));
  return problems.length === 0 ? 0 : 1;
}

function skip(reason: string): never {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}
