// The stage the tests of the whole app play on: the local platform with the demo set up through
// the app's own pages, on a frozen clock and a state file of its own.
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Children } from '../platform/src/children.mjs';
import { startPlatform as openPlatform } from '../platform/src/platform.mjs';
import { sign } from '../platform/tools/actions.mjs';
import { HOOKS, connect } from '../../scripts/story/app.mjs';
import { START, startPlatform } from '../../scripts/story/main.mjs';
import { faultsOf, tell } from '../../scripts/story/tell.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { parse } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');
export const CASE = '5008d00000ACME01';

/** Optimising what runs for a second costs more than it gains. */
const BRISK = ['--liftoff-only'];
const CONTRACTS = process.env.TUTTI_CONTRACTS ?? join(ROOT, '../shared/contracts');

const folders = new Set();
process.once('exit', () => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

/** A folder that goes with the process. */
export function folder() {
  const made = mkdtempSync(join(tmpdir(), 'tutti-app-'));
  folders.add(made);
  return made;
}

/** Warm processes by what they run, for all platforms of a test file, as Forge shares its own. */
const warm = new Map();
after(() => Promise.all([...warm.values()].map((children) => children.close())));

/** Processes that run a build of the app, `perChild` invocations at a time each. */
function processes(codeDirectory, perChild) {
  const which = `${codeDirectory} ${perChild}`;
  if (!warm.has(which)) {
    warm.set(which, new Children({ codeDirectory, perChild, nodeFlags: BRISK }));
  }
  return warm.get(which);
}

/**
 * Opens a platform on a state file, within this process. `judged`: the vendors' contracts, where
 * they are at hand, check every request; reading them takes longer than a story.
 */
export async function open(state, { app = 'dist/app', judged = false, perChild, ...more } = {}) {
  const directory = resolve(ROOT, app);
  const children = processes(directory, perChild);
  const platform = await openPlatform({
    state,
    app: directory,
    ui: join(ROOT, 'dist/ui'),
    manifest: join(ROOT, 'manifest.yml'),
    children,
    contracts: judged && existsSync(CONTRACTS) ? CONTRACTS : undefined,
    frozen: true,
    clock: START,
    ...more,
  });
  const { url, stop, world } = platform;
  return { url, app: connect(url), stop, children, world };
}

/** Starts a platform that can be killed: `kill` ends it as a machine's death does. */
export async function launch(state, env = {}) {
  const platform = await startPlatform({
    state,
    frozen: true,
    args: BRISK.map((flag) => `--node-flag=${flag}`),
    env: { TUTTI_CONTRACTS: '', TUTTI_VALIDATE: '0', ...env },
  });
  const kill = () => {
    platform.child.kill('SIGKILL');
    return platform.ended;
  };
  return { ...platform, kill, app: connect(platform.url) };
}

let prepared;

/** The state file of a demo that is set up, made once per test file. */
export function setUp() {
  prepared ??= (async () => {
    const state = join(folder(), 'state.db');
    const { app, stop } = await open(state);
    await app.post('/api/seed', { name: 'acme' });
    await app.setUp();
    await app.post('/api/meter/reset');
    await stop();
    return state;
  })();
  return prepared;
}

/** A state file of one's own, like the prepared one; what SQLite has not merged yet goes along. */
export async function ownState() {
  const from = await setUp();
  const state = join(folder(), 'state.db');
  for (const part of ['', '-wal']) {
    if (existsSync(from + part)) copyFileSync(from + part, state + part);
  }
  return state;
}

/** The app as the demo leaves it after its set-up, ready to be escalated to, for one test. */
export async function stage(t, options) {
  const { app, stop } = await open(await ownState(), options);
  t.after(stop);
  return app;
}

/** Puts a flow of `fixtures/` in place of the escalation. */
export async function onlyFlow(app, name) {
  const source = readFileSync(join(ROOT, 'tests/app/fixtures', `${name}.yaml`), 'utf8');
  await app.settings('enable_flow', { id: 'premier-escalation', enabled: false });
  const { id, problems } = await app.settings('save_flow', { source, document: parse(source) });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  await app.settings('enable_flow', { id, enabled: true });
}

/** Salesforce's webhook by hand: the answer's status. Everything about it can be made wrong. */
export async function deliver(app, event, { secret = HOOKS.salesforce, at, signature } = {}) {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const urls = await app.get('/api/webtriggers');
  const { now } = await app.get('/api/clock');
  const headers = { 'content-type': 'application/json' };
  const signed = signature === undefined ? sign(secret, body, at ?? now) : signature;
  if (signed !== null) headers['x-tutti-signature'] = signed;
  const answer = await fetch(urls['hook-salesforce'], { method: 'POST', headers, body });
  await answer.text();
  return answer.status;
}

/** Lets a tool fail: see tests/platform/tools/faults.mjs. */
export const breakTool = (app, fault) => app.post('/api/faults', fault);

/** Escalates and goes on until somebody is asked or nothing more happens. */
export async function untilAsked(app) {
  await app.escalate();
  await app.settle();
  await app.quiet();
  const run = await app.run();
  return { run, card: run?.approvals[0] };
}

/** From where somebody is asked to the end. */
export async function approved(app, { run, card }) {
  if (!card) {
    const last = run?.timeline.at(-1);
    throw new Error(`nobody was asked: ${run?.state}, ${run?.reason}; ${JSON.stringify(last)}`);
  }
  await app.approve(run, card);
  await app.quiet();
  return tell(app, await app.run(), card);
}

/** The whole story, told. */
export const played = async (app) => approved(app, await untilAsked(app));

/** Every write of the story: where it shows in the tools, how to hit it, how often it is there. */
export const WRITES = {
  link: {
    at: { tool: 'jira', method: 'POST', path: '/remotelink' },
    count: ({ jira }) => jira.issues['PAY-88'].remoteLinks.length,
  },
  customers: {
    at: { tool: 'jira', method: 'PUT', path: '/properties/tutti.customers' },
    count: ({ jira }) =>
      Object.values(jira.issues['PAY-88'].properties['tutti.customers']).filter(
        ({ caseId }) => caseId === CASE,
      ).length,
  },
  raise: {
    at: { tool: 'jira', method: 'PUT', path: '/issue/PAY-88(\\?|$)' },
    count: ({ jira }) =>
      jira.issues['PAY-88'].changelog
        .flatMap(({ items }) => items)
        .filter(({ field }) => field === 'priority').length,
  },
  comment: {
    at: { tool: 'jira', method: 'POST', path: '/comment' },
    count: ({ jira }) => jira.issues['PAY-88'].comments.length,
  },
  note: {
    at: { tool: 'gitlab', method: 'POST', path: '/notes' },
    count: ({ gitlab }) => gitlab.mergeRequests['913'].notes.filter(({ system }) => !system).length,
  },
  label: {
    at: { tool: 'gitlab', method: 'PUT', path: '/merge_requests/913' },
    count: ({ gitlab }) =>
      gitlab.mergeRequests['913'].labels.filter((label) => label === 'customer-escalation').length,
  },
  tell: {
    at: { tool: 'slack', method: 'POST', path: '/chat.postMessage' },
    count: ({ slack }) =>
      Object.values(slack.channels)
        .flatMap(({ messages }) => messages)
        .filter((message) => message.bot_id).length,
  },
  escalated: {
    at: { tool: 'salesforce', method: 'PATCH', path: '/sobjects/Case' },
    count: ({ salesforce }) => Number(salesforce.cases[CASE].Jira_Key__c === 'PAY-88'),
  },
  record: {
    at: { tool: 'confluence', method: 'PUT', path: '/pages/7001' },
    count: ({ confluence }) => confluence.pages['7001'].body.value.split('00012077').length - 1,
  },
  update: {
    at: { tool: 'slack', method: 'POST', path: '/chat.update' },
    count: ({ slack }) =>
      slack.channels['C-ESC'].messages.filter(({ text }) => text.includes('is fixed and out'))
        .length,
  },
  reply: {
    at: { tool: 'salesforce', method: 'POST', path: '/composite' },
    count: ({ salesforce }) => salesforce.caseComments.filter((c) => c.IsPublished).length,
  },
};

/** How often each write is in the tools. */
export const census = (world) =>
  Object.fromEntries(Object.entries(WRITES).map(([step, { count }]) => [step, count(world)]));

export const ONCE = Object.fromEntries(Object.keys(WRITES).map((step) => [step, 1]));

/** What is not as the story says, of the run and of the tools; empty when all is well. */
export function wrongWith(story) {
  const counted = Object.entries(census(story.world)).filter(([, count]) => count !== 1);
  return [...faultsOf(story), ...counted.map(([step, count]) => `${step} is there ${count} times`)];
}

/** What stands in the app's storage, as the platform counts it, and which runs there are. */
export async function traces(app) {
  const { kvs = {}, queue = {} } = await app.get('/api/meter');
  const { runs } = await app.settings('flows');
  return {
    written: kvs.write_units ?? 0,
    pushed: queue.events ?? 0,
    runs: runs.map(({ id }) => id),
  };
}

/** Calls as a page does; the refusal's code, or `ok`. */
export const codeOf = async (answer) => {
  const { error } = await answer;
  return error ? error.code : 'ok';
};
