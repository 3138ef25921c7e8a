#!/usr/bin/env node
/**
 * Starts the platform and prints one line of JSON, `{url, ui}`, when it is ready.
 */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { startPlatform } from '../src/platform.mjs';

const USAGE = `platform.mjs --app dist/app --ui dist/ui --manifest manifest.yml --state FILE
  --port N               of the page and the control API (any)
  --ui-port N            the app's own origin
  --frozen               time moves only by POST /api/clock/advance
  --clock ISO            where time starts, in a new state file
  --map FROM=TO          relay an outside origin to a real server (repeatable; TUTTI_MAP, by commas)
  --variable KEY=VALUE   a Forge environment variable (repeatable)
  --contracts DIR        the vendors' contracts (also TUTTI_CONTRACTS)
  --tools FILE           another world than tools/index.mjs
  --no-rates             no limits per second or minute, for load tests
  --kvs-lag MS           how late queries are, 0 for never (200)
  --duplicates P         share of queue events that arrive twice; --reorder; --seed S
  --node-flag FLAG       for the node the functions run in (repeatable)
  --per-child N          concurrent invocations in one process, to provoke cross-talk (1)
  env TUTTI_CRASH_AT=n   kill the platform at the n-th of GET /api/boundaries, or at "name #n"`;

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: 'dist/app' },
    ui: { type: 'string' },
    manifest: { type: 'string', default: 'manifest.yml' },
    state: { type: 'string', default: ':memory:' },
    port: { type: 'string', default: '0' },
    'ui-port': { type: 'string', default: '0' },
    frozen: { type: 'boolean', default: false },
    clock: { type: 'string' },
    map: { type: 'string', multiple: true, default: [] },
    variable: { type: 'string', multiple: true, default: [] },
    contracts: { type: 'string' },
    tools: { type: 'string' },
    'no-rates': { type: 'boolean', default: false },
    'kvs-lag': { type: 'string' },
    duplicates: { type: 'string', default: '0' },
    reorder: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    'node-flag': { type: 'string', multiple: true, default: [] },
    'per-child': { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}

const { TUTTI_CRASH_AT, TUTTI_MAP, TUTTI_CONTRACTS } = process.env;

const platform = await startPlatform({
  app: resolve(values.app),
  ui: values.ui && resolve(values.ui),
  manifest: resolve(values.manifest),
  state: values.state,
  port: Number(values.port),
  uiPort: Number(values['ui-port']),
  frozen: values.frozen,
  clock: values.clock,
  map: pairs([...values.map, ...(TUTTI_MAP ? TUTTI_MAP.split(',') : [])]),
  variables: pairs(values.variable),
  contracts: values.contracts ?? TUTTI_CONTRACTS ?? found('../../../../shared/contracts'),
  tools: values.tools && resolve(values.tools),
  rates: !values['no-rates'],
  kvs: values['kvs-lag'] === undefined ? {} : { lagMs: Number(values['kvs-lag']) },
  chaos: { duplicates: Number(values.duplicates), reorder: values.reorder, seed: values.seed },
  perChild: Number(values['per-child']),
  nodeFlags: values['node-flag'],
  crashAt: /^\d+$/.test(TUTTI_CRASH_AT ?? '') ? Number(TUTTI_CRASH_AT) : TUTTI_CRASH_AT,
});

process.stdout.write(`${JSON.stringify({ url: platform.url, ui: platform.uiUrl })}\n`);
const leave = () => platform.stop().then(() => process.exit(0));
platform.stopped = () => process.exit(0);
process.once('SIGINT', leave);
process.once('SIGTERM', leave);

/** `KEY=VALUE` each; a value may hold `=`. */
function pairs(list) {
  return Object.fromEntries(
    list.map((entry) => {
      const [, key, value] = entry.match(/^([^=]+)=(.*)$/) ?? [];
      if (key === undefined) throw new Error(`not KEY=VALUE: ${entry}`);
      return [key, value];
    }),
  );
}

function found(path) {
  const directory = resolve(dirname(fileURLToPath(import.meta.url)), path);
  return existsSync(directory) ? directory : undefined;
}
