import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subprocess } from 'bun';
import { findPrimary } from '../../src/db/primary.ts';
import { until } from '../process/fixtures/programs.ts';
import { freePort } from './supervised.ts';

/** Three PostgreSQL servers of which Patroni makes one the primary, and etcd, with which it agrees on that. */
export interface Cluster extends AsyncDisposable {
  /** All hosts, in an order that says nothing. */
  readonly databaseUrl: string;
  /** The primary of this moment. */
  primary(): Promise<Node>;
  /** Resolves once there is a synchronous standby, and every node follows. */
  healed(): Promise<void>;
  /** What the servers have written to their logs. */
  logs(): Promise<string>;
}

export interface Node {
  readonly url: string;
  /** kill -9. */
  kill(): void;
}

interface Member extends Node {
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  readonly folder: string;
}

const SERVERS = '/usr/lib/postgresql';
const NODES = 3;

/** Whether Patroni, etcd and a PostgreSQL are installed (Debian: `patroni etcd-server postgresql`). */
export function hasPatroni(): boolean {
  return Bun.which('patroni') !== null && Bun.which('etcd') !== null && existsSync(SERVERS);
}

export async function startPatroni(): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hop-patroni-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const user = await ownFolder(folder);
  const etcdPort = await startEtcd(stack, folder, user);
  const members: Member[] = [];
  for (let number = 1; number <= NODES; number++)
    members.push(await startMember(stack, folder, number, etcdPort, user));
  const hosts = members.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const databaseUrl = `postgres://postgres:secret@${hosts}/postgres`;
  const cluster = {
    databaseUrl,
    primary: () => primaryOf(members, databaseUrl),
    healed: () => until(async () => isHealthy(await primaryOf(members, databaseUrl)), 120_000),
    logs: async () => (await Promise.all(members.map((member) => readFile(logOf(member), 'utf8')))).join(''),
  };
  await cluster.healed();
  const kept = stack.move();
  return { ...cluster, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** PostgreSQL refuses to run as root: then everything runs as Debian's user for it. */
async function ownFolder(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return ['setpriv', '--pdeathsig=TERM'];
  const idOf = (flag: string) => Number(Bun.spawnSync(['id', flag, 'postgres']).stdout.toString());
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  await chown(folder, uid, gid);
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig=TERM'];
}

async function startEtcd(stack: AsyncDisposableStack, folder: string, user: string[]): Promise<number> {
  const [clients, peers] = [await freePort(), await freePort()];
  const [client, peer] = [`http://127.0.0.1:${clients}`, `http://127.0.0.1:${peers}`];
  const urls = ['listen-client-urls', 'advertise-client-urls'].flatMap((name) => [`--${name}`, client]);
  const peerUrls = ['listen-peer-urls', 'initial-advertise-peer-urls'].flatMap((name) => [`--${name}`, peer]);
  const own = ['--initial-cluster', `default=${peer}`, '--data-dir', join(folder, 'etcd')];
  run(stack, [...user, 'etcd', ...urls, ...peerUrls, ...own], folder, join(folder, 'etcd.log'));
  await until(
    () =>
      fetch(`${client}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    20_000,
  );
  return clients;
}

async function startMember(
  stack: AsyncDisposableStack,
  folder: string,
  number: number,
  etcdPort: number,
  user: string[],
): Promise<Member> {
  const [name, port, restPort] = [`node${number}`, await freePort(), await freePort()];
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(configuration({ folder, name, port, restPort, etcdPort })));
  await chmod(file, 0o644);
  const log = join(folder, `${name}.log`);
  const kill = () =>
    process.kill(Number(readFileSync(join(folder, name, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
  // Last in, first out: should Patroni not have ended it.
  stack.defer(() => {
    if (existsSync(join(folder, name, 'postmaster.pid'))) kill();
  });
  run(stack, [...user, 'patroni', file], folder, log);
  return { name, port, restPort, folder, url: `postgres://postgres:secret@127.0.0.1:${port}/postgres`, kill };
}

function run(stack: AsyncDisposableStack, cmd: string[], cwd: string, logFile: string): void {
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C', HOME: cwd };
  const log = Bun.file(logFile);
  const program: Subprocess = Bun.spawn({ cmd, cwd, env, stdin: 'ignore', stdout: log, stderr: log });
  stack.defer(async () => {
    program.kill('SIGTERM');
    await Promise.race([program.exited, Bun.sleep(15_000)]);
    program.kill('SIGKILL');
    await program.exited;
  });
}

interface MemberOptions {
  readonly folder: string;
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  readonly etcdPort: number;
}

/** Patroni reads YAML, of which JSON is a part. */
function configuration({ folder, name, port, restPort, etcdPort }: MemberOptions): object {
  const login = { username: 'postgres', password: 'secret' };
  return {
    scope: 'hop',
    name,
    restapi: { listen: `127.0.0.1:${restPort}`, connect_address: `127.0.0.1:${restPort}` },
    etcd3: { host: `127.0.0.1:${etcdPort}` },
    bootstrap: {
      dcs: {
        ttl: 20,
        loop_wait: 1,
        retry_timeout: 5,
        // A primary that has died is not started again as long as another one can take its place.
        primary_start_timeout: 0,
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, parameters: { wal_keep_size: '256MB', max_connections: 60 } },
      },
      initdb: [{ encoding: 'UTF8' }, 'data-checksums'],
      pg_hba: ['host all all 127.0.0.1/32 md5', 'host replication all 127.0.0.1/32 md5'],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: join(folder, name),
      bin_dir: newestServer(),
      pgpass: join(folder, `${name}.pgpass`),
      authentication: { superuser: login, replication: login, rewind: login },
      parameters: { unix_socket_directories: folder, shared_buffers: '32MB', fsync: 'off' },
    },
  };
}

function newestServer(): string {
  const newest = Math.max(...readdirSync(SERVERS).map(Number).filter(Number.isInteger));
  return join(SERVERS, String(newest), 'bin');
}

/** Asks until there is one. */
async function primaryOf(members: readonly Member[], databaseUrl: string): Promise<Member> {
  while (true) {
    const target = await findPrimary(databaseUrl, 300).catch(() => undefined);
    const primary = members.find(({ port }) => target?.includes(`:${port}/`));
    if (primary !== undefined) return primary;
    await Bun.sleep(20);
  }
}

/** Also etcd must know the synchronous standby, or nobody may take the primary's place. */
async function isHealthy({ restPort }: Member): Promise<boolean> {
  const { members } = await fetch(`http://127.0.0.1:${restPort}/cluster`)
    .then((response) => response.json() as Promise<{ members: { role: string; state: string }[] }>)
    .catch(() => ({ members: [] }));
  const states = members.map(({ role, state }) => `${role} ${state}`).sort();
  return /^leader running,replica (running|streaming),sync_standby (running|streaming)$/.test(states.join());
}

function logOf({ folder, name }: Member): string {
  return join(folder, `${name}.log`);
}
