import { expect, test } from 'bun:test';
import { DomainDirectory, type DomainRow } from '../../src/redirect/domains.ts';

const NOWHERE = { baseUrl: null, regular404: null, invalidShortUrl: null };
const OLD: DomainRow = { domainId: 1, authority: 'a.test', ...NOWHERE };
const NEW: DomainRow = { ...OLD, baseUrl: 'https://landing.test/' };

/** Readings that end when they are told to. */
function readings() {
  const begun: ((rows: DomainRow[]) => void)[] = [];
  const read = () => new Promise<DomainRow[]>((resolve) => begun.push(resolve));
  return { begun, read };
}

test('an edit is not undone by a reading that began before it', async () => {
  const directory = new DomainDirectory(NOWHERE);
  const { begun, read } = readings();
  const refreshed = directory.refresh(read);
  directory.add(NEW);
  begun[0]?.([OLD]);
  await Bun.sleep(0);
  expect([directory.find('a.test')?.baseUrl, begun.length]).toEqual([NEW.baseUrl, 2]);
  begun[1]?.([NEW]);
  await refreshed;
  expect(directory.find('a.test')?.baseUrl).toBe(NEW.baseUrl);
});

test('of two readings the one that began later is in force, whichever ends first', async () => {
  const directory = new DomainDirectory(NOWHERE);
  const { begun, read } = readings();
  const both = [directory.refresh(read), directory.refresh(read)];
  begun[1]?.([NEW]);
  await Bun.sleep(0);
  begun[0]?.([OLD]);
  await Promise.all(both);
  expect([directory.find('a.test')?.baseUrl, begun.length]).toEqual([NEW.baseUrl, 2]);
});
