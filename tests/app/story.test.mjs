// The main job, from the escalated case to the customer's reply, as the issue of the first release
// tells it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { PEOPLE } from '../../scripts/story/app.mjs';
import {
  CASE,
  ONCE,
  ROOT,
  approved,
  census,
  open,
  ownState,
  untilAsked,
  wrongWith,
} from './stage.mjs';

const { parse } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');

/** Updates of something that carries one key at a time: a later update writes its own over it. */
const KEY_REPLACED = { tell: 'update', escalated: 'reply' };
/** Updates for whose target the vendor has no place for a key. */
const KEY_NOWHERE = new Set(['customers', 'label']);

describe('an escalation', () => {
  let platform;
  let app;
  let story;
  let card;
  let calls;

  before(async () => {
    platform = await open(await ownState(), { judged: true });
    ({ app } = platform);
    const asked = await untilAsked(app);
    ({ card } = asked);
    story = await approved(app, asked);
    calls = await app.get('/api/calls');
  });

  after(() => platform?.stop());

  it('ends completed, with nothing left to wish for', (t) => {
    assert.deepEqual(wrongWith(story), []);
    assert.equal(story.run.state, 'completed');
    assert.deepEqual(story.run.gaps, []);
    const { kvs, queue, points } = story.meter;
    t.diagnostic(`KVS write units ${kvs.write_units}, read units ${kvs.read_units}`);
    t.diagnostic(`queue events ${queue.events}, Jira points ${points.jira}`);
  });

  it('does everything once, and marks what it made', () => {
    assert.deepEqual(census(story.world), ONCE);
    assert.deepEqual(story.effects.map(({ step }) => step).sort(), Object.keys(ONCE).sort());
    for (const { step, effect_key: key, outcome, attempts, adapted } of story.effects) {
      assert.equal(key, `${story.run.id}/${step}/1`);
      assert.deepEqual(
        { outcome, attempts, adapted },
        { outcome: 'confirmed', attempts: 1, adapted: null },
        step,
      );
      const now = KEY_REPLACED[step] ? `${story.run.id}/${KEY_REPLACED[step]}/1` : key;
      assert.equal(Boolean(story.markers[now]), !KEY_NOWHERE.has(step), `${step}'s key`);
    }
  });

  it('decides with evidence that is really there', () => {
    assert.deepEqual(
      story.decisions.map(({ step }) => step),
      ['triage'],
    );
    const [{ answer, evidence, by, raised }] = story.decisions;
    assert.equal(answer.severity, 'S2');
    assert.deepEqual(answer.relation, { kind: 'duplicate_of', key: 'PAY-88' });
    assert.equal(answer.action, 'attach_to_known');
    assert.equal(by, 'model offline-scripted-model');
    assert.deepEqual(raised, []);
    assert.ok(evidence.length >= 2);
    const { cases } = story.world.salesforce;
    const said = { case: cases[CASE].Subject, known: story.world.jira.issues['PAY-88'].summary };
    for (const { fact, quote } of evidence) {
      assert.ok(quote.length > 5 && said[fact].includes(quote), `${fact}: ${quote}`);
    }
  });

  it('shows the case owner exactly what the customer then gets', () => {
    assert.equal(card.approver, PEOPLE.dana);
    assert.equal(card.approver_name, 'Dana Reyes');
    assert.equal(card.mine, true);
    assert.equal(card.reversibility, 'irreversible');
    const shown = Object.fromEntries(card.changes.map(({ field, after }) => [field, after]));
    const { caseComments, cases } = story.world.salesforce;
    const [sent] = caseComments.filter(({ IsPublished }) => IsPublished);
    assert.equal(sent.CommentBody, shown.text);
    assert.equal(sent.ParentId, shown.id);
    assert.equal(cases[CASE].Status, shown.status);
    assert.ok(card.evidence.length >= 2);
  });

  it('asks only what the vendors’ contracts allow', (t) => {
    assert.deepEqual(story.problems, []);
    if (!calls.some(({ template }) => template)) t.skip('no contracts at ../shared/contracts');
  });

  it('needs no scope the manifest does not ask for', (t) => {
    const products = calls.filter(({ product }) => product);
    assert.ok(products.length > 20);
    assert.deepEqual(
      products.filter(({ missing }) => missing),
      [],
    );
    const manifest = parse(readFileSync(join(ROOT, 'manifest.yml'), 'utf8'));
    const granted = new Set(manifest.permissions.scopes);
    const needed = new Set(products.flatMap(({ scopes }) => scopes ?? []));
    assert.deepEqual(
      [...needed].filter((scope) => !granted.has(scope)),
      [],
    );
    if (needed.size === 0) return t.skip('no contracts at ../shared/contracts');
    return t.diagnostic(`scopes used: ${[...needed].sort().join(', ')}`);
  });

  it('writes documents Atlassian’s own schema accepts', async (t) => {
    const { contract, skip } = await import('../contracts/contracts.mjs');
    if (skip) return t.skip(skip);
    const Ajv = createRequire(join(ROOT, 'tests/contracts/package.json'))('ajv-draft-04');
    const valid = new Ajv({ strict: false }).compile(contract('adf.json'));
    const page = story.world.confluence.pages['7001'].body.value;
    const [comment] = story.world.jira.issues['PAY-88'].comments;
    for (const document of [comment.body, JSON.parse(page)]) {
      assert.ok(valid(document), JSON.stringify(valid.errors?.slice(-3)));
    }
    return undefined;
  });

  it('leaves no complaint of the platform', async () => {
    assert.deepEqual(await app.get('/api/logs?level=error'), []);
  });
});
