import { bare } from './bare.ts';
import type { Scenario } from './bench.ts';
import { cold } from './cold.ts';
import { create } from './create.ts';
import { floor } from './floor.ts';
import { grow } from './grow.ts';
import { hot } from './hot.ts';
import { latency } from './latency.ts';
import { lists } from './lists.ts';
import { memory } from './memory.ts';
import { needPythonModules } from './peers/aiohttp.ts';
import { need } from './peers/need.ts';
import { record } from './record.ts';
import { start } from './start.ts';
import { stats } from './stats.ts';
import { visits } from './visits.ts';

const needNginx = () => void need('nginx');

/** In the order in which they run. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  hot: {
    about: "links in hop's memory, every visit journaled, against nginx with a map of the same links and a log",
    need: needNginx,
    limitSeconds: 400,
    measure: hot,
  },
  bare: {
    about: "links in hop's memory, nothing recorded, against nginx with one constant answer",
    need: needNginx,
    limitSeconds: 240,
    measure: bare,
  },
  floor: {
    about: 'the same two against a map behind Bun.serve and behind Bun.listen: what of it is Bun',
    limitSeconds: 400,
    measure: floor,
  },
  latency: {
    about: 'how long these redirects take at a fixed rate, against nginx with map and log',
    need: needNginx,
    limitSeconds: 300,
    measure: latency,
  },
  cold: {
    about: 'links that hop must look up, against a service on aiohttp, uvloop and asyncpg',
    need: needPythonModules,
    limitSeconds: 300,
    measure: cold,
  },
  visits: {
    about: "links in hop's memory, visits recorded to the end, against hop that records none",
    limitSeconds: 300,
    measure: visits,
  },
  memory: {
    about: 'what a link in memory takes, and a web process without work',
    limitSeconds: 600,
    measure: memory,
  },
  create: {
    about: '64 clients that make one link a request, against the service on aiohttp',
    need: needPythonModules,
    limitSeconds: 400,
    measure: create,
  },
  record: {
    about: 'visits from a journal to PostgreSQL, against a COPY of the same rows',
    limitSeconds: 900,
    measure: record,
  },
  start: {
    about: 'from the start of the process to the first redirect',
    limitSeconds: 240,
    measure: start,
  },
  grow: {
    about: 'hot and cold with a thousandth, a tenth, all and ten times of the links, against itself with the fewest',
    limitSeconds: 900,
    measure: grow,
  },
  stats: {
    about: 'summaries, statistics and lists of visits, made in SQL: 1,000,000, or --visits 50000000',
    limitSeconds: 10_800,
    measure: stats,
  },
  lists: {
    about: 'every kind of list of short URLs, the page and its total, as the API asks for them',
    limitSeconds: 400,
    measure: lists,
  },
};
