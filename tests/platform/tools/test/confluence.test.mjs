// Confluence's simulator: versions, conflicts and storage, as its own clients would see them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { begin, doc } from './world.mjs';

const PAGE = '/wiki/api/v2/pages/7001';
const put = (number, more = {}) => ({
  id: '7001',
  status: 'current',
  title: 'ACME – account log',
  body: { representation: 'atlas_doc_format', value: JSON.stringify(doc('new')) },
  version: { number, message: 'Tutti run tt-1/A7/1' },
  ...more,
});

test('a page moves by one version and keeps its message', async () => {
  const { confluence, events, tools } = begin();
  const before = await confluence('GET', `${PAGE}?body-format=atlas_doc_format`);
  assert.equal(before.body.version.number, 14);
  const [, table] = JSON.parse(before.body.body.atlas_doc_format.value).content;
  assert.deepEqual([table.type, table.content.length], ['table', 2]);
  assert.equal((await confluence('PUT', PAGE, put(15))).status, 200);
  const versions = await confluence('GET', `${PAGE}/versions?sort=-modified-date&limit=1`);
  assert.deepEqual(versions.body.results[0].message, 'Tutti run tt-1/A7/1');
  assert.ok(versions.body._links.next);
  assert.equal(events[0].event, 'avi:confluence:updated:page');
  assert.equal(tools.world().confluence.pages['7001'].version, 15);
});

test('whoever has not read the last version is refused', async () => {
  const { confluence } = begin();
  for (const number of [14, 16, undefined]) {
    const { status, body } = await confluence('PUT', PAGE, put(number));
    assert.equal(status, 409);
    assert.match(body.errors[0].title, /Current Version: \[14\]/);
  }
});

test('a body must be what its representation says', async () => {
  const { confluence } = begin();
  for (const body of [
    'text',
    { representation: 'wiki', value: 'h1. x' },
    { representation: 'atlas_doc_format', value: 'no json' },
    { representation: 'atlas_doc_format', value: '{"type":"paragraph"}' },
  ]) {
    assert.equal((await confluence('PUT', PAGE, put(15, { body }))).status, 400);
  }
  assert.equal((await confluence('PUT', PAGE, put(15, { id: '7000' }))).status, 400);
});

test('a document can be read in the storage format', async () => {
  const { confluence } = begin();
  const { body } = await confluence('GET', `${PAGE}?body-format=storage`);
  assert.match(body.body.storage.value, /<table><tbody><tr><th><p>Case<\/p><\/th>/);
});

test('pages are found by title, spaces by key', async () => {
  const { confluence } = begin();
  const title = encodeURIComponent('ACME – account log');
  const { body } = await confluence('GET', `/wiki/api/v2/pages?title=${title}&space-id=300`);
  assert.deepEqual(
    body.results.map(({ id }) => id),
    ['7001'],
  );
  const spaces = await confluence('GET', '/wiki/api/v2/spaces?keys=CUST');
  assert.deepEqual(
    spaces.body.results.map(({ id }) => id),
    ['300'],
  );
  assert.equal((await confluence('GET', '/wiki/api/v2/pages/1')).status, 404);
});

test('a new page has a free title and can carry a property with versions', async () => {
  const { confluence } = begin();
  const make = (title) =>
    confluence('POST', '/wiki/api/v2/pages', {
      spaceId: '300',
      status: 'current',
      title,
      body: { representation: 'atlas_doc_format', value: JSON.stringify(doc('x')) },
    });
  assert.equal((await make('ACME – account log')).status, 400);
  const { body: page } = await make('Borealis – account log');
  const path = `/wiki/api/v2/pages/${page.id}/properties`;
  const { body } = await confluence('POST', path, { key: 'tutti.run', value: { effect_key: 'k' } });
  assert.equal((await confluence('POST', path, { key: 'tutti.run', value: 1 })).status, 409);
  const one = `${path}/${body.id}`;
  const next = { key: 'tutti.run', value: 2, version: { number: 2, message: '' } };
  assert.equal((await confluence('PUT', one, next)).status, 200);
  assert.equal((await confluence('PUT', one, next)).status, 409);
  assert.equal((await confluence('GET', `${path}?key=tutti.run`)).body.results[0].value, 2);
  assert.equal((await confluence('DELETE', one)).status, 204);
});
