// The demo: connects the tools, switches the escalation flow on, and with `--once` plays it to its
// end and tells what happened. Everything goes through the app's own functions, as a page would.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(join(root, 'tests/platform/package.json'));
const { parse } = require('yaml');

const PAULA = '712020:2f90-paula'; // administers the project PAY
const JONAS = '712020:d3a5-jonas'; // administers the site
const DANA = '712020:4be1-dana'; // owns the case
const HOOKS = { salesforce: 'demo-salesforce-secret', gitlab: 'demo-gitlab-hook-token' };

/** A client of the platform's control API, and through it of the app. */
export function demo(base) {
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
  const invoke = async (moduleKey, functionKey, payload, accountId, extension = {}) => {
    const { result } = await post('/api/invoke', {
      moduleKey, functionKey, payload, accountId, extension,
    });
    if (result.error) throw new Error(`${functionKey}: ${JSON.stringify(result.error)}`);
    return result.ok;
  };
  const project = { project: { key: 'PAY', id: '10001' } };
  const issue = { ...project, issue: { key: 'PAY-88', id: '20088' } };
  const admin = (name, payload) => invoke('admin', name, payload, JONAS);
  const settings = (name, payload) => invoke('settings', name, payload, PAULA, project);
  const panel = (name, payload = {}, who = DANA) => invoke('panel', name, payload, who, issue);

  return {
    get, post, admin, settings, panel, invoke,

    /** Connects the four tools and the model, sets up both web triggers, switches the flow on. */
    async setUp({ model } = {}) {
      const credentials = await get('/api/tools/credentials');
      const { openai, ...tools } = credentials;
      for (const [tool, values] of Object.entries(tools)) {
        await admin('save_connection', { tool, values });
        await admin('check_connection', { tool });
      }
      const values = model ?? { ...openai, model: 'offline-scripted-model' };
      await admin('save_connection', { tool: 'model', values });
      await admin('check_connection', { tool: 'model' });
      const hooks = {};
      for (const [tool, secret] of Object.entries(HOOKS)) {
        hooks[tool] = await admin('save_hook', { tool, secret });
      }
      await post('/api/tools/configure', {
        salesforce: { url: hooks.salesforce.url, secret: HOOKS.salesforce },
        gitlab: { url: hooks.gitlab.url, token: HOOKS.gitlab },
      });
      const source = readFileSync(join(root, 'templates/premier-escalation.yaml'), 'utf8');
      const saved = await settings('save_flow', { source, document: parse(source) });
      await settings('enable_flow', { id: saved.id, enabled: true });
      return admin('connections', {});
    },

    escalate: (event = {}) => post('/api/tools/actions/escalate', event),
    settle: () => post('/api/settle'),
    quiet: () => post('/api/run-until-quiet'),

    /** The panel's newest run on PAY-88, as the case owner sees it. */
    run: async () => (await panel('panel')).runs[0],

    approve: (run, card) =>
      panel('answer', {
        run: run.id, effect: card.effect, payload_hash: card.payload_hash, answer: 'approve',
      }),
  };
}
