// The app as its pages use it, and the world around it as people use it, over the local platform.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { parse } = createRequire(join(root, 'tests/platform/package.json'))('yaml');

/** People of the seeded world. */
export const PEOPLE = {
  dana: '712020:4be1-dana', // owns the case
  paula: '712020:2f90-paula', // administers the project PAY
  jonas: '712020:d3a5-jonas', // administers the site
  ana: '712020:6c44-ana', // an agent
  otto: '712020:97fe-otto', // sees nothing of PAY
};

/** Secrets of the web triggers; they open nothing outside the simulation. */
export const HOOKS = {
  salesforce: 'demo-salesforce-secret',
  gitlab: 'demo-gitlab-hook-token',
};

const project = { project: { key: 'PAY', id: '10001' } };
const issue = { ...project, issue: { key: 'PAY-88', id: '10506' } };

/** Connects to a running platform. */
export function connect(base) {
  const http = async (method, path, body) => {
    const init = { method, headers: { 'content-type': 'application/json' } };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(base + path, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  const get = (path) => http('GET', path);
  const post = (path, body = {}) => http('POST', path, body);

  /** One call of a page: `{ ok }` or `{ error }`. */
  const call = async (moduleKey, functionKey, payload, accountId, extension = {}) =>
    (await post('/api/invoke', { moduleKey, functionKey, payload, accountId, extension })).result;

  const expectOk = async (name, answer) => {
    const { ok, error } = await answer;
    if (error) throw new Error(`${name}: ${JSON.stringify(error)}`);
    return ok;
  };
  const admin = (name, payload, who = PEOPLE.jonas) =>
    expectOk(name, call('admin', name, payload, who));
  const settings = (name, payload, who = PEOPLE.paula) =>
    expectOk(name, call('settings', name, payload, who, project));
  const panel = (name, payload = {}, who = PEOPLE.dana) =>
    expectOk(name, call('panel', name, payload, who, issue));

  return {
    base, get, post, call, admin, settings, panel, project, issue,

    world: () => get('/api/world'),
    settle: () => post('/api/settle'),
    quiet: () => post('/api/run-until-quiet'),
    /** A person or a tool does something: see `/api/tools/actions`. */
    act: (action, input = {}) => post(`/api/tools/actions/${action}`, input),
    escalate: (event = {}) => post('/api/tools/actions/escalate', event),

    /** Connects the tools and the model, sets up the web triggers, switches the flow on. */
    async setUp({ model } = {}) {
      const { openai, ...tools } = await get('/api/tools/credentials');
      for (const [tool, values] of Object.entries(tools)) {
        await admin('save_connection', { tool, values });
      }
      const values = model ?? { ...openai, model: 'offline-scripted-model' };
      await admin('save_connection', { tool: 'model', values });
      for (const tool of [...Object.keys(tools), 'model']) {
        const { status, detail } = await admin('check_connection', { tool });
        if (status !== 'connected') throw new Error(`${tool} is ${status}: ${detail}`);
      }
      const urls = {};
      for (const [tool, secret] of Object.entries(HOOKS)) {
        urls[tool] = (await admin('save_hook', { tool, secret })).url;
      }
      await post('/api/tools/configure', {
        salesforce: { url: urls.salesforce, secret: HOOKS.salesforce },
        gitlab: { url: urls.gitlab, token: HOOKS.gitlab },
      });
      const source = readFileSync(join(root, 'templates/premier-escalation.yaml'), 'utf8');
      const { id } = await settings('save_flow', { source, document: parse(source) });
      await settings('enable_flow', { id, enabled: true });
    },

    /** The newest run on PAY-88, as somebody sees it. */
    run: async (who = PEOPLE.dana) => (await panel('panel', {}, who)).runs[0],

    approve: (run, card, who = PEOPLE.dana) =>
      panel(
        'answer',
        {
          run: run.id,
          effect: card.effect,
          payload_hash: card.payload_hash,
          answer: 'approve',
        },
        who,
      ),
  };
}
