// Secrets go in and never come out; what belongs to persons stays out of prompts.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { HOOKS, PEOPLE } from '../../scripts/story/app.mjs';
import { UPDATED, draw, flowRow } from './flows.mjs';
import { ROOT, breakTool, open, ownState, played, stage } from './stage.mjs';

const { parse } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');
const Database = createRequire(join(ROOT, 'tests/platform/package.json'))('libsql');

/** Every secret that was entered, and those that were bought with them. */
async function planted(app, rows) {
  const { salesforce, gitlab, slack, openai } = await app.get('/api/tools/credentials');
  const sessions = rows.filter(({ collection }) => collection === 'salesforce.session');
  return [
    salesforce.client_secret,
    gitlab.token,
    slack.token,
    openai.api_key,
    ...Object.values(HOOKS),
    ...sessions.map(({ id }) => id),
  ];
}

/** The places outside the secret store where one of the secrets stands. */
const leaks = (places, secrets) =>
  Object.entries(places)
    .filter(([, text]) => secrets.some((secret) => text.includes(secret)))
    .map(([place]) => place);

describe('after the whole story', () => {
  let platform;
  let app;
  let story;
  let secrets;
  const places = {};

  before(async () => {
    const state = await ownState();
    platform = await open(state);
    ({ app } = platform);
    story = await played(app);
    const db = new Database(state, { readonly: true });
    const all = (sql) => db.prepare(sql).all();
    secrets = await planted(app, all('SELECT collection, id FROM tool_object'));
    const kept = all('SELECT * FROM record');
    places.secret = JSON.stringify(kept.filter(({ kind }) => kind === 'secret'));
    places.storage = JSON.stringify(kept.filter(({ kind }) => kind !== 'secret'));
    for (const table of ['log', 'call', 'realtime_event']) {
      places[table] = JSON.stringify(all(`SELECT * FROM ${table}`));
    }
    const queued = all("SELECT * FROM delivery WHERE kind <> 'http'");
    places.queue = JSON.stringify(queued);
    db.close();
    places.prompts = JSON.stringify(story.world.model.calls);
    places.told = JSON.stringify({ ...story, world: undefined });
    for (const [surface, name, who, place] of [
      ['admin', 'connections', PEOPLE.jonas, {}],
      ['settings', 'flows', PEOPLE.paula, app.project],
      ['settings', 'flow', PEOPLE.paula, app.project],
      ['panel', 'panel', PEOPLE.dana, app.issue],
      ['panel', 'panel', PEOPLE.ana, app.issue],
    ]) {
      const answer = await app.call(surface, name, { id: 'premier-escalation' }, who, place);
      assert.ok(answer.ok, JSON.stringify(answer.error));
      places[`${surface}.${name} of ${who}`] = JSON.stringify(answer);
    }
  });

  after(() => platform?.stop());

  it('every secret is in the secret store, and nowhere else', () => {
    const { secret: kept, ...others } = places;
    assert.ok(secrets.length >= 7, 'the session with Salesforce, too');
    for (const secret of secrets) assert.ok(kept.includes(secret), secret.slice(0, 4));
    assert.deepEqual(leaks(others, secrets), []);
    assert.ok(
      Object.values(others).every((text) => text.length > 10),
      'and the places are real',
    );
  });

  it('the prompt holds what is to be decided, and no person’s address', () => {
    assert.match(places.prompts, /Checkout returns 502/);
    assert.doesNotMatch(places.prompts, /[\w.]+@(tutti|acme)\.example/);
  });

  it('no tool was told a person’s address', () => {
    const { slack, gitlab, confluence, jira } = story.world;
    const written = JSON.stringify([
      slack.channels['C-ESC'].messages.filter((message) => message.bot_id),
      gitlab.mergeRequests['913'].notes,
      confluence.pages,
      jira.issues['PAY-88'].comments,
    ]);
    assert.doesNotMatch(written, /@(tutti|acme)\.example/);
  });

  it('a page learns that a secret is set, and not what it is', async () => {
    const { connections, hooks } = await app.admin('connections');
    const fields = connections.flatMap((row) => row.fields);
    const hidden = fields.filter(({ secret }) => secret);
    assert.equal(hidden.length, 4);
    for (const { set, value } of hidden)
      assert.deepEqual({ set, value }, { set: true, value: null });
    assert.ok(fields.some(({ secret, value }) => !secret && value));
    assert.deepEqual(
      hooks.map(({ tool, set }) => [tool, set]),
      [
        ['gitlab', true],
        ['salesforce', true],
      ],
    );
    assert.equal(JSON.stringify(hooks).includes('secret"'), false);
  });
});

describe('a connection', { concurrency: 2 }, () => {
  const save = (app, tool, values) =>
    app.call('admin', 'save_connection', { tool, values }, PEOPLE.jonas);
  const field = ({ ok }, key) => ok.fields.find((each) => each.key === key);

  it('keeps its secret when the field is left empty, and is to be checked again', async (t) => {
    const app = await stage(t);
    const saved = await save(app, 'slack', { token: '' });
    assert.deepEqual([saved.ok.status, field(saved, 'token').set], ['not_checked', true]);
    assert.equal((await app.admin('check_connection', { tool: 'slack' })).status, 'connected');
  });

  it('with another secret is found out, and the secret is not repeated', async (t) => {
    const app = await stage(t);
    const wrong = 'xoxb-mistyped-by-somebody';
    await save(app, 'slack', { token: wrong });
    const { ok } = await app.call('admin', 'check_connection', { tool: 'slack' }, PEOPLE.jonas);
    assert.equal(ok.status, 'unhealthy');
    assert.equal(JSON.stringify([ok, await app.get('/api/logs')]).includes(wrong), false);
  });

  it('refuses what cannot be one, without repeating it', async (t) => {
    const app = await stage(t);
    for (const [tool, values] of [
      ['slack', { token: 'xoxb-secret\nx-evil: 1' }],
      ['slack', { token: 'xoxb-secret'.repeat(1000) }],
      ['model', { base_url: 'http://api.openai.com/v1' }],
      ['model', { base_url: 'https://user:xoxb-secret@api.openai.com' }],
      ['salesforce', { base_url: 'https://acme.my.salesforce.com?x=xoxb-secret' }],
      ['model', { usd_per_million_in: '0,25' }],
      ['model', { usd_per_million_out: 'xoxb-secret' }],
      ['model', { usd_per_million_out: '-3' }],
    ]) {
      const { error } = await save(app, tool, values);
      assert.equal(error.code, 'bad_value', tool);
      assert.equal(JSON.stringify(error).includes('xoxb-secret'), false);
    }
    assert.equal((await save(app, 'sap', {})).error.code, 'not_found');
  });

  it('is left as it was where one of its values is refused', async (t) => {
    const app = await stage(t);
    const before = await app.admin('connections');
    for (const [tool, values] of [
      ['gitlab', { base_url: 'htps://gitlab.com' }],
      ['gitlab', { base_url: 'https://gitlab.example.com', token: 'glpat\tmistyped' }],
      ['model', { api_key: 'sk-another', usd_per_million_in: '0.2\t5x' }],
    ]) {
      assert.equal((await save(app, tool, values)).error.code, 'bad_value', tool);
    }
    assert.deepEqual(await app.admin('connections'), before);
    for (const tool of ['gitlab', 'model']) {
      const { status, detail } = await app.admin('check_connection', { tool });
      assert.equal(status, 'connected', detail);
    }
  });

  it('that somebody saves while it is checked stays as it was saved, and is to be checked', async (t) => {
    const { app, stop, world } = await open(await ownState());
    t.after(stop);
    const host = world.hosts['gitlab.com'];
    const answer = host.fetch.bind(host);
    let saved;
    host.fetch = async (...request) => {
      const values = { base_url: 'https://gitlab.example.com', token: 'glpat-of-the-new-address' };
      saved ??= (await save(app, 'gitlab', values)).ok;
      return answer(...request);
    };
    const checked = await app.admin('check_connection', { tool: 'gitlab' });
    const { connections } = await app.admin('connections');
    assert.equal(saved.status, 'not_checked');
    assert.deepEqual(checked, saved);
    assert.deepEqual(connections.find(({ tool }) => tool === 'gitlab'), saved);
  });

  it('that is removed forgets its secrets', async (t) => {
    const app = await stage(t);
    assert.equal(
      (await app.admin('remove_connection', { tool: 'gitlab' })).status,
      'not_connected',
    );
    const again = await save(app, 'gitlab', { base_url: 'https://gitlab.com' });
    assert.deepEqual([again.ok.status, field(again, 'token').set], ['not_connected', false]);
  });

  it('that a tool refuses makes a run wait for somebody who mends it, and says which', async (t) => {
    const app = await stage(t);
    await breakTool(app, { tool: 'gitlab', effect: 'unauthorized', times: null });
    await app.escalate();
    await app.settle();
    await app.quiet();
    const {
      runs: [{ state, reason }],
    } = await app.settings('flows');
    assert.deepEqual([state, reason], ['waiting_person', 'reconnect GitLab']);
  });
});

describe('a flow', () => {
  it('that one person switches off while another saves it is off, or that person is told', async (t) => {
    const app = await stage(t);
    const steps = [{ id: 'noted', set: { seen: 'yes' } }];
    await draw(app, { id: 'both', trigger: { event: UPDATED, once_per: ['timestamp'] }, steps });
    for (let n = 0; n < 20; n += 1) {
      const { source, enabled } = await app.settings('flow', { id: 'both' });
      if (!enabled) await app.settings('enable_flow', { id: 'both', enabled: true });
      const call = (name, payload, who) => app.call('settings', name, payload, who, app.project);
      const [, off] = await Promise.all([
        call('save_flow', { source, document: parse(source) }, PEOPLE.paula),
        call('enable_flow', { id: 'both', enabled: false }, PEOPLE.jonas),
      ]);
      const now = await flowRow(app, 'both');
      assert.equal(now.enabled, off.error !== undefined, `${n}: ${JSON.stringify(off)}`);
    }
  });
});
