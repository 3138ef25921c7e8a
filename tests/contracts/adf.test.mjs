/** Every Atlassian document we send is valid against Atlassian's own schema, whatever the text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Ajv from 'ajv-draft-04';
import { contract, files, skip } from './contracts.mjs';
import { requests } from './requests.mjs';

const valid = skip ? undefined : new Ajv({ strict: false }).compile(contract('adf.json'));

/** @param {object} document */
function assertValid(document, what) {
  assert.ok(valid(document), `${what}: ${JSON.stringify(valid.errors?.slice(-3))}`);
}

/** Every document in a request's body, as an object or as the JSON string Confluence takes. */
function documents(value) {
  if (typeof value === 'string' && value.startsWith('{')) return documents(JSON.parse(value));
  if (value === null || typeof value !== 'object') return [];
  if (value.type === 'doc') return [value];
  return Object.values(value).flatMap(documents);
}

const sent = (made) => made.flatMap(({ operation, request }) =>
  documents(request.body && JSON.parse(request.body)).map((document) => ({ operation, document })));

describe('Atlassian documents', { skip }, () => {
  it('in examples', () => {
    const found = sent(requests());
    assert.ok(found.length >= 3);
    for (const { operation, document } of found) assertValid(document, operation);
  });

  it('of any text', () => {
    const texts = mixed(400);
    const found = sent(requests(texts.map((text) => ({
      operation: 'jira.comment.add', effect_key: 'tt-0/a/1', input: { issue: 'PAY-1', text },
    }))));
    assert.equal(found.length, texts.length);
    found.forEach(({ document }, index) => assertValid(document, JSON.stringify(texts[index])));
  });

  it('of other people, with a row more', () => {
    const pages = files('adf-documents').map((name) => contract(`adf-documents/${name}`));
    const known = pages.filter((page) => page.type === 'doc' && valid(page));
    assert.ok(known.length >= 30, `${known.length} documents`);
    const found = sent(requests(known.map((page) => ({
      operation: 'confluence.page.append_row',
      effect_key: 'tt-0/a/1',
      input: { id: '7001', row: ['00012077', '**PAY-88** [x](https://a.example)', ''] },
      before: { title: 'Log', version: 1, body: JSON.stringify(page) },
    }))));
    assert.equal(found.length, known.length);
    for (const { document } of found) {
      assertValid(document, 'page');
      assert.ok(JSON.stringify(document).includes('00012077'));
    }
  });
});

/** Texts mixed from marks that could break a document, the same ones in every run. */
function mixed(count) {
  const parts = ['a', ' ', '\n', '\n\n', '- ', '* ', '**', '`', '```', '```js\n', '[', '](',
    ')', 'https://a.example/b?c=d&e', 'javascript:x', '\u0000', '\t', '🙂', '“q”', '|', '\\', '#'];
  let state = 20260310;
  const next = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  const text = () => Array.from({ length: next(24) }, () => parts[next(parts.length)]).join('');
  return Array.from({ length: count }, text);
}
