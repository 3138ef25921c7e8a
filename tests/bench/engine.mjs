// How fast the engine is beside others on the same work: each cell in a process of its own, the
// whole matrix several times over, medians told. Prints one JSON document.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { machine, median, round } from './numbers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SHAPES = ['linear', 'mixed'];

/** Each row of the table: an engine and how it keeps its runs. `runs` are played a measurement. */
const ROWS = [
  { name: 'tutti, in memory', engine: 'tutti', runs: 150, warmup: 100 },
  { name: 'tutti, in memory, an instance an invocation', engine: 'tutti', options: { fresh: true }, runs: 100, warmup: 50 },
  { name: 'tanstack, in memory', engine: 'tanstack', runs: 150, warmup: 100 },
  { name: 'mastra, nothing kept', engine: 'mastra', runs: 40, warmup: 10 },
  { name: 'langgraph, memory saver', engine: 'langgraph', runs: 20, warmup: 10 },
  { name: 'tutti, sqlite', engine: 'tutti', durable: true, runs: 100, warmup: 50 },
  { name: 'tutti, @forge/kvs on the local platform', engine: 'forge', durable: true, runs: 20, warmup: 10 },
  { name: 'langgraph, sqlite saver', engine: 'langgraph', durable: true, runs: 20, warmup: 10 },
  { name: 'mastra, libsql', engine: 'mastra', durable: true, runs: 20, warmup: 10 },
  { name: 'restate', engine: 'restate', durable: true, runs: 20, warmup: 10 },
  { name: 'tutti, sqlite, 16 at once', engine: 'tutti', durable: true, at_once: 16, runs: 100, warmup: 50 },
  { name: 'restate, 16 at once', engine: 'restate', durable: true, at_once: 16, runs: 60, warmup: 20 },
];

const run = promisify(execFile);

async function node(script, asked, limit = 300_000) {
  const told = asked ? [JSON.stringify(asked)] : [];
  const { stdout } = await run(process.execPath, [here(script), ...told], {
    timeout: limit,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout);
}

/** The medians of several measurements of one cell; what failed says why instead. */
function told(name, shape, results) {
  const good = results.filter(({ error }) => !error);
  if (good.length === 0) return { name, shape, error: results[0].error };
  const middle = (key) => round(median(good.map((one) => one[key])), 1);
  const { version } = good[0];
  return {
    name, version, shape,
    steps_per_second: round(middle('steps_per_second')),
    cpu_us_per_step: middle('cpu_us_per_step'),
    rss_mb: round(middle('rss_mb')),
  };
}

async function matrix(rows) {
  const measured = new Map();
  for (let again = 0; again < ROUNDS; again += 1) {
    for (const { name, ...asked } of rows) {
      for (const shape of SHAPES) {
        const key = `${name}|${shape}`;
        const result = await node('cell.mjs', { ...asked, shape }).catch((error) => ({
          error: String(error.stderr || error.message).trim().slice(-300),
        }));
        console.error(key, result.steps_per_second ?? result.error);
        measured.set(key, [...(measured.get(key) ?? []), result]);
      }
    }
  }
  return [...measured].map(([key, results]) => told(...key.split('|'), results));
}

/** Ours against the best peer of a kind, on the same shape in the same run. */
function ratios(table) {
  const rate = (name, shape) =>
    table.find((one) => one.name === name && one.shape === shape)?.steps_per_second ?? 0;
  const against = (ours, peers) =>
    Object.fromEntries(SHAPES.map((shape) => {
      const best = peers.map((name) => [rate(name, shape), name]).sort((a, b) => b[0] - a[0])[0];
      return [shape, { best_peer: best[1], times: best[0] ? round(rate(ours, shape) / best[0], 1) : null }];
    }));
  return {
    in_memory: against('tutti, in memory', [
      'tanstack, in memory', 'mastra, nothing kept', 'langgraph, memory saver',
    ]),
    durable: against('tutti, sqlite', ['langgraph, sqlite saver', 'mastra, libsql', 'restate']),
    durable_16_at_once: against('tutti, sqlite, 16 at once', ['restate, 16 at once']),
  };
}

const native = () =>
  JSON.parse(execFileSync('cargo', ['bench', '--quiet', '-p', 'tutti-sim', '--bench', 'engine'], {
    cwd: root, stdio: ['ignore', 'pipe', 'ignore'],
  }));

const only = process.env.ONLY ? process.env.ONLY.split(',') : undefined;
const rows = ROWS.filter(({ engine }) => !only || only.includes(engine));
const table = await matrix(rows);
const wasm = readFileSync(`${root}dist/app/tutti_forge.wasm`);
const result = {
  machine: machine(),
  synchronous: 'NORMAL, write-ahead log, for every engine on SQLite',
  table,
  ratios: ratios(table),
  growth: await node('growth.mjs'),
  demo: await node('demo.mjs').catch((error) => ({ error: error.message.slice(-300) })),
  native_steps_per_second: process.env.NATIVE === '0' ? undefined : native(),
  wasm: { bytes: wasm.length, gzipped: gzipSync(wasm, { level: 9 }).length },
};
console.log(JSON.stringify(result, null, 2));
