// The demo: starts the local platform, connects the tools and switches the escalation flow on, all
// through the app's own functions as a page would; with `--once` plays the story to its end.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { PEOPLE, connect } from './app.mjs';
import { faultsOf, tell } from './tell.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const START = '2026-03-10T09:00:00Z';
const USAGE = `scripts/demo            start the demo and print the address of its page
scripts/demo --once     play the escalation to its end and print what happened
scripts/demo --json     the same as one JSON document
scripts/demo --reset    forget what earlier demos left
  --port N              the page's port (4400)
A real model instead of the scripted one: TUTTI_MODEL_URL (an OpenAI-compatible server, for example
http://127.0.0.1:11434), TUTTI_MODEL (its name) and, if it needs one, OPENAI_API_KEY.`;

const { values } = parseArgs({
  options: {
    once: { type: 'boolean' },
    json: { type: 'boolean' },
    reset: { type: 'boolean' },
    port: { type: 'string', default: '4400' },
    help: { type: 'boolean' },
  },
});

/**
 * Starts the platform on a state file; resolves with its address once it is ready. `args` and `env`
 * are the platform's own, see its `--help`.
 */
export async function startPlatform({
  state,
  port = 0,
  frozen = false,
  app = 'dist/app',
  args = [],
  env = {},
}) {
  const options = ['--app', app, '--ui', 'dist/ui', '--state', state, '--clock', START, ...args];
  options.push('--port', String(port));
  if (frozen) options.push('--frozen');
  const { TUTTI_MODEL_URL: model } = process.env;
  if (model) options.push('--map', `https://api.openai.com=${new URL(model).origin}`);
  const contracts = join(root, '../shared/contracts');
  const child = spawn(process.execPath, ['tests/platform/bin/platform.mjs', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { TUTTI_CONTRACTS: contracts, ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  const first = await Promise.race([
    new Promise((resolve) => lines.once('line', resolve)),
    ended.then((how) => Promise.reject(new Error(`the platform ended at once: ${how}`))),
  ]);
  return { ...JSON.parse(first), child, ended, stop: () => child.kill('SIGTERM') };
}

const realModel = () => {
  const { TUTTI_MODEL_URL: url, TUTTI_MODEL: model, OPENAI_API_KEY: key } = process.env;
  if (!url && !key) return undefined;
  const path = url ? new URL(url).pathname.replace(/\/$/, '') || '/v1' : '/v1';
  return {
    base_url: `https://api.openai.com${path}`,
    model: model ?? 'gpt-5-mini',
    api_key: key ?? '',
  };
};

/** Plays the story: escalation, waiting, the owner's approval, the end. */
export async function play(app, { progress = () => {} } = {}) {
  progress('Salesforce escalates case 00012077');
  await app.escalate();
  await app.settle();
  progress('the fix is awaited; the clock jumps from event to event');
  await app.quiet();
  const waiting = await app.run();
  const [card] = waiting?.approvals ?? [];
  if (!card) throw new Error(`nobody was asked: the run is ${waiting?.state}, ${waiting?.reason}`);
  progress(`Dana Reyes approves: ${card.title}`);
  await app.approve(waiting, card);
  await app.quiet();
  return { run: await app.run(), card };
}

async function once() {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-demo-'));
  const platform = await startPlatform({ state: join(folder, 'state.db'), frozen: true });
  const progress = (text) => values.json || console.log(`\x1b[2m• ${text}\x1b[0m`);
  try {
    const app = connect(platform.url);
    await app.post('/api/seed', { name: 'acme' });
    progress('connecting Salesforce, GitLab, Slack and the model; switching the flow on');
    await app.setUp({ model: realModel() });
    await app.post('/api/meter/reset');
    const { run, card } = await play(app, { progress });
    const story = await tell(app, run, card);
    story.faults = faultsOf(story);
    if (values.json) console.log(JSON.stringify(story, null, 2));
    else console.log(story.transcript.join('\n'));
    for (const fault of story.faults) console.error(`not as it should be: ${fault}`);
    return story.faults.length === 0 ? 0 : 1;
  } finally {
    platform.stop();
    await platform.ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function live() {
  const folder = join(root, '.tutti');
  if (values.reset) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const platform = await startPlatform({ state: join(folder, 'demo.db'), port: values.port });
  process.once('SIGINT', platform.stop);
  const app = connect(platform.url);
  if ((await app.world()).jira?.issues?.['PAY-88'] === undefined) {
    await app.post('/api/seed', { name: 'acme' });
    await app.setUp({ model: realModel() });
  }
  console.log(`
  The escalation:   ${platform.url}/browse/PAY-88
  Flows of PAY:     ${platform.url}/projects/PAY/settings/settings?as=${PEOPLE.paula}
  Connections:      ${platform.url}/admin/admin?as=${PEOPLE.jonas}

  Open the first one. In “World” escalate the case, advance the clock until the fix is out, act
  as Dana Reyes and approve the reply. Every tool can be broken there, too. Stop with Ctrl-C.
`);
  await platform.ended;
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (values.help) console.log(USAGE);
  else process.exitCode = await (values.once || values.json ? once() : live());
}
