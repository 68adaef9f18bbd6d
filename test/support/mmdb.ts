import { join } from 'node:path';
import type { DataDir } from './data-dir.ts';

/** What an address is to be found with: maps of texts and numbers, as GeoLite2 has them. */
export interface MmdbData {
  readonly [name: string]: string | number | MmdbData;
}

/** A file in MaxMind's format for IPv4 networks (`192.0.2.0/24`), small enough to be made for a test; resolves with its path. */
export async function writeMmdb(dataDir: DataDir, networks: Readonly<Record<string, MmdbData>>): Promise<string> {
  const path = join(dataDir.path, 'test.mmdb');
  await Bun.write(path, encodeMmdb(networks));
  return path;
}

type Node = [zero: Node | number | null, one: Node | number | null];

const RECORD_BITS = 24;
const SEPARATOR_BYTES = 16;
const MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** https://maxmind.github.io/MaxMind-DB/: a tree over the bits of addresses, data, metadata. */
function encodeMmdb(networks: Readonly<Record<string, MmdbData>>): Buffer {
  const root: Node = [null, null];
  const data: Buffer[] = [];
  let offset = 0;
  for (const [network, value] of Object.entries(networks)) {
    insert(root, network, offset);
    const encoded = encode(value);
    data.push(encoded);
    offset += encoded.length;
  }
  const nodes = flatten(root);
  const metadata = { node_count: nodes.length, record_size: RECORD_BITS, ip_version: 4, ...FORMAT };
  return Buffer.concat([encodeTree(nodes), Buffer.alloc(SEPARATOR_BYTES), ...data, MARKER, encode(metadata)]);
}

const FORMAT = {
  binary_format_major_version: 2,
  binary_format_minor_version: 0,
  build_epoch: 0,
  database_type: 'Test',
};

function insert(root: Node, network: string, offset: number): void {
  const [address = '', length] = network.split('/');
  const bits = address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  let node = root;
  for (let i = 0; i < Number(length) - 1; i++) {
    const side = bits[i] === '1' ? 1 : 0;
    const next = node[side];
    const child: Node = Array.isArray(next) ? next : [null, null];
    node[side] = child;
    node = child;
  }
  node[bits[Number(length) - 1] === '1' ? 1 : 0] = offset;
}

function flatten(root: Node): Node[] {
  const nodes = [root];
  for (const node of nodes) nodes.push(...node.filter((child) => Array.isArray(child)));
  return nodes;
}

function encodeTree(nodes: readonly Node[]): Buffer {
  const records = nodes.flat(1).map((record) => {
    const tree = Buffer.alloc(RECORD_BITS / 8);
    const value = typeof record === 'number' ? nodes.length + SEPARATOR_BYTES + record : nodes.length;
    tree.writeUIntBE(Array.isArray(record) ? nodes.indexOf(record as Node) : value, 0, tree.length);
    return tree;
  });
  return Buffer.concat(records);
}

const TYPES = { text: 2, double: 3, uint32: 6, map: 7 } as const;

function encode(value: string | number | MmdbData): Buffer {
  if (typeof value === 'string') return Buffer.concat([control('text', Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return encodeNumber(value);
  const entries = Object.entries(value);
  return Buffer.concat([control('map', entries.length), ...entries.flatMap((entry) => entry.map(encode))]);
}

function encodeNumber(value: number): Buffer {
  const isWhole = Number.isInteger(value) && value >= 0;
  const bytes = Buffer.alloc(isWhole ? 4 : 8);
  if (isWhole) bytes.writeUInt32BE(value);
  else bytes.writeDoubleBE(value);
  return Buffer.concat([control(isWhole ? 'uint32' : 'double', bytes.length), bytes]);
}

/** Sizes of 29 and more would need further bytes. */
function control(type: keyof typeof TYPES, size: number): Buffer {
  if (size >= 29) throw new Error('too long for a test file');
  return Buffer.from([(TYPES[type] << 5) | size]);
}
