// What is not right is turned away with a plain reason, and leaves no trace.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { HOOKS, PEOPLE } from '../../scripts/story/app.mjs';
import { UPDATED, change, draw, runsOf } from './flows.mjs';
import { CASE, ROOT, codeOf, deliver, folder, open, ownState, traces } from './stage.mjs';

const { parse } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');
const SOURCE = readFileSync(join(ROOT, 'templates/premier-escalation.yaml'), 'utf8');
const EVENT = { eventId: 'e-900', caseId: CASE, lastModified: '2026-03-10T08:59:59Z' };
const KB = 1024;

/** A platform for all tests of a suite. */
function shared(make = ownState) {
  const held = {};
  before(async () => {
    held.platform = await open(await make());
    held.app = held.platform.app;
  });
  after(() => held.platform?.stop());
  return held;
}

describe('a delivery that is not right', () => {
  const held = shared();
  const now = async () => (await held.app.get('/api/clock')).now;
  const padded = (bytes) => {
    const filler = bytes - JSON.stringify({ ...EVENT, more: '' }).length;
    return JSON.stringify({ ...EVENT, more: 'x'.repeat(filler) });
  };
  const SECOND = 1000;
  const wrong = [
    ['unsigned', EVENT, { signature: null }, 401],
    ['signed with another secret', EVENT, { secret: 'not-the-secret-it-should-be' }, 401],
    ['signed for another body', EVENT, { signature: 't=1773133200,v1=00' }, 401],
    ['signed too long ago', EVENT, { late: -301 * SECOND }, 401],
    ['signed in the future', EVENT, { late: 301 * SECOND }, 401],
    ['not JSON', 'caseId=5008d00000ACME01', {}, 400],
    ['half JSON', '{"caseId": "5008', {}, 400],
    ['an array', [EVENT], {}, 400],
    ['a string', '"5008d00000ACME01"', {}, 400],
    ['nothing', '', {}, 400],
    ['without its caseId', { eventId: 'e-900' }, {}, 422],
    ['with a caseId of null', { ...EVENT, caseId: null }, {}, 422],
    ['over 200 KB', padded(200 * KB + 1), {}, 413],
    ['over 200 KB and unsigned', padded(200 * KB + 1), { signature: null }, 413],
  ];
  for (const [what, event, { late = 0, ...how }, status] of wrong) {
    it(`${what}: ${status}, nothing stored, nothing started`, async () => {
      const { app } = held;
      const had = { ...(await traces(app)), wrote: (await app.get('/api/boundaries')).length };
      assert.equal(await deliver(app, event, { at: (await now()) + late, ...how }), status);
      await app.settle();
      const has = { ...(await traces(app)), wrote: (await app.get('/api/boundaries')).length };
      assert.deepEqual(has, had);
    });
  }

  it('of GitLab with another token: 401', async () => {
    const { app } = held;
    const urls = await app.get('/api/webtriggers');
    const send = (token) =>
      fetch(urls['hook-gitlab'], {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-gitlab-token': token },
        body: JSON.stringify({ object_kind: 'pipeline' }),
      });
    assert.equal((await send('wrong')).status, 401);
    assert.equal((await send('')).status, 401);
    assert.equal((await send(HOOKS.gitlab)).status, 202);
  });

  it('is refused at the edges only: just within them it is taken', async () => {
    const { app } = held;
    const at = (await now()) - 299 * SECOND;
    assert.equal(await deliver(app, padded(200 * KB), { at }), 202);
    await app.settle();
    assert.equal((await traces(app)).runs.length, 1);
  });
});

describe('a request that cannot be read', () => {
  const held = shared();
  const HALF = 'cut \ud83d';
  const deep = () => {
    let value = 1;
    for (let n = 0; n < 130; n += 1) value = [value];
    return value;
  };
  const errors = async (app) => (await app.get('/api/logs?level=error')).map(({ line }) => line);

  it('is one no longer where only half a character is wrong', async () => {
    const { app } = held;
    await draw(app, {
      id: 'half', trigger: { event: UPDATED, once_per: ['timestamp'] }, subject: 'trigger.issue.key',
      started_by: '${trigger.note}', steps: [{ id: 'rest', wait: '10m' }],
    });
    await change(app, 'PAY-88', 1, { note: HALF });
    await app.settle();
    const [run] = await runsOf(app, 'half');
    assert.equal(run?.started_by, 'cut \ufffd');
    const pause = { run: run.id, reason: HALF };
    const { ok } = await app.call('panel', 'pause', pause, PEOPLE.paula, app.issue);
    assert.equal(ok.brakes.length, 1);
  });

  it('is refused as such, and not for want of a permission', async () => {
    const { app } = held;
    const check = app.call('settings', 'check', { document: deep() }, PEOPLE.paula, app.project);
    assert.equal(await codeOf(check), 'unreadable');
  });

  it('is an error in the log where Jira sent it', async () => {
    const { app } = held;
    const before = (await errors(app)).length;
    await change(app, 'PAY-88', 2, { deep: deep() });
    await app.settle();
    const [line] = (await errors(app)).slice(before);
    assert.match(line ?? '', /the event: .*unreadable/);
  });
});

describe('before anybody entered a secret', () => {
  const held = shared(async () => join(folder(), 'state.db'));

  it('nothing is taken, however it is signed', async () => {
    const { app } = held;
    for (const secret of ['', HOOKS.salesforce]) {
      assert.equal(await deliver(app, EVENT, { secret: secret || 'x' }), 401);
    }
    assert.deepEqual(await app.get('/api/boundaries'), []);
  });

  it('a secret that can be guessed is not accepted', async () => {
    const { app } = held;
    await app.post('/api/seed', { name: 'acme' });
    const save = (secret) =>
      codeOf(app.call('admin', 'save_hook', { tool: 'salesforce', secret }, PEOPLE.jonas));
    for (const secret of ['', 'short', 'fifteen letters'])
      assert.equal(await save(secret), 'weak_secret');
  });
});

describe('a flow that is not right', () => {
  const held = shared();
  /** The template with one thing changed. */
  const changed = (change) => {
    const document = { ...parse(SOURCE), id: 'draft' };
    change(document);
    return { source: JSON.stringify(document), document };
  };
  const wrong = {
    'an unknown operation': [(d) => (d.context.case.use = 'salesforce.case.gt'), '/context/case'],
    'an argument nobody knows': [(d) => (d.context.case.with.idd = 'x'), '/context/case'],
    'an argument missing': [(d) => (d.context.case.with = {}), '/context/case'],
    'an expression that does not end': [(d) => (d.start_if = 'case.priority == "'), '/start_if'],
    'no way out when the answer is unknown': [
      (d) => d.steps.find(({ id }) => id === 'route').switch.pop(),
      '/steps',
    ],
    'a word nobody knows': [(d) => (d.trigger.one_per = ['x']), '/trigger'],
    'a time zone that does not exist': [
      (d) => d.steps.push({
        id: 'open', title: 'See whether they are open', call: 'tutti.calendar.is_open',
        with: { calendar: { zone: 'Europe/Berln', hours: { mon: '09:00-17:00' } } },
      }),
      '/steps/',
    ],
    'a step without an id': [(d) => delete d.steps[0].id, '/steps/0'],
    'no steps': [(d) => delete d.steps, ''],
  };
  for (const [what, [change, place]] of Object.entries(wrong)) {
    it(`${what}: it can be saved, but not switched on`, async () => {
      const { app } = held;
      const { problems } = await app.settings('save_flow', changed(change));
      const errors = problems.filter(({ severity }) => severity === 'error');
      assert.ok(
        errors.some(({ at }) => at.startsWith(place)),
        JSON.stringify(errors),
      );
      for (const { at, message, hint } of errors) {
        assert.match(at, /^(\/|$)/, 'a JSON pointer');
        assert.ok(message.length > 8, message);
        assert.ok(hint.length > 3, `a hint for “${message}” at ${at}`);
      }
      const enable = { id: 'draft', enabled: true };
      const { error } = await app.call(
        'settings',
        'enable_flow',
        enable,
        PEOPLE.paula,
        app.project,
      );
      assert.equal(error.code, 'invalid');
      assert.deepEqual(error.problems, problems);
      const { flows } = await app.settings('flows');
      assert.equal(flows.find(({ id }) => id === 'draft').enabled, false);
    });
  }

  it('cannot take the place of one that is on', async () => {
    const { app } = held;
    const { document, source } = changed((d) => (d.context.case.use = 'salesforce.case.gt'));
    const payload = { source, document: { ...document, id: 'premier-escalation' } };
    const { error } = await app.call('settings', 'save_flow', payload, PEOPLE.paula, app.project);
    assert.equal(error.code, 'invalid');
    const kept = await app.settings('flow', { id: 'premier-escalation' });
    assert.deepEqual([kept.version, kept.enabled, kept.source], [1, true, SOURCE]);
  });

  it('without an id, or too large, is not saved at all', async () => {
    const { app } = held;
    const save = (document, source = '') =>
      codeOf(app.call('settings', 'save_flow', { source, document }, PEOPLE.paula, app.project));
    assert.equal(await save({ ...parse(SOURCE), id: '' }), 'no_id');
    assert.equal(await save({ ...parse(SOURCE), id: 'a/b' }), 'no_id');
    assert.equal(await save(null), 'no_id');
    assert.equal(await save(parse(SOURCE), 'x'.repeat(101 * KB)), 'too_large');
  });
});

describe('somebody who may not', () => {
  const held = shared();
  const SURFACES = {
    settings: [
      ['flows', 'flow', 'check', 'save_flow', 'enable_flow', 'nothing'],
      ['ana', 'otto', 'dana'],
    ],
    admin: [
      ['connections', 'save_connection', 'check_connection', 'remove_connection', 'save_hook'],
      ['paula', 'dana', 'otto'],
    ],
    panel: [['panel', 'answer', 'cancel', 'undo', 'rerun'], ['otto']],
  };
  for (const [surface, [functions, people]] of Object.entries(SURFACES)) {
    it(`uses no function of ${surface}`, async () => {
      const { app } = held;
      const place = surface === 'panel' ? app.issue : app.project;
      const had = (await app.get('/api/boundaries')).length;
      for (const name of functions) {
        for (const who of [...people.map((person) => PEOPLE[person]), undefined]) {
          const payload = { tool: 'salesforce', id: 'premier-escalation', enabled: false };
          const code = await codeOf(app.call(surface, name, payload, who, place));
          assert.equal(code, 'forbidden', `${name} by ${who}`);
        }
      }
      assert.equal((await app.get('/api/boundaries')).length, had, 'nothing was written');
      assert.equal((await app.settings('flow', { id: 'premier-escalation' })).enabled, true);
    });
  }

  it('gains nothing by what a page says of itself', async () => {
    const { app } = held;
    const ask = (surface, name, who, place) => codeOf(app.call(surface, name, {}, who, place));
    const elsewhere = { project: { key: 'SEC', id: '10002' } };
    assert.equal(await ask('settings', 'flows', PEOPLE.paula, elsewhere), 'forbidden');
    const secret = { ...elsewhere, issue: { key: 'SEC-3', id: '10508' } };
    assert.equal(await ask('panel', 'panel', PEOPLE.ana, secret), 'forbidden');
    for (const key of ['', 'PAY&projectKey=SEC', '../SEC', 'NONE']) {
      const place = { project: { key, id: '1' }, issue: { key, id: '1' } };
      assert.equal(await ask('settings', 'flows', PEOPLE.ana, place), 'forbidden', key);
    }
  });

  it('does not find a run by its id on another work item', async () => {
    const { app } = held;
    await app.escalate();
    await app.settle();
    const { id } = await app.run();
    const other = { ...app.project, issue: { key: 'PAY-87', id: '10505' } };
    const cancel = app.call('panel', 'cancel', { run: id }, PEOPLE.paula, other);
    assert.equal(await codeOf(cancel), 'not_found');
  });

  it('does not stop a run: that is for the project’s administrators', async () => {
    const { app } = held;
    const { id } = await app.run();
    for (const who of ['dana', 'ana']) {
      const cancel = app.call('panel', 'cancel', { run: id }, PEOPLE[who], app.issue);
      assert.equal(await codeOf(cancel), 'forbidden');
    }
    assert.equal((await app.run()).state, 'waiting_outside');
  });
});
