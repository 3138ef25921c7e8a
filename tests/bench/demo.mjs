// What the demo's run costs on Forge: the state it keeps while it waits, storage units, queue events.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

import { connect } from '../../scripts/story/app.mjs';
import { startPlatform } from '../../scripts/story/main.mjs';

const require = createRequire(new URL('../platform/package.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const state = join(folder, 'state.db');

const size = (text) => Buffer.byteLength(text);

/** A record as if nothing had been read: who asked what when, and that it was answered. */
const withoutFacts = ({ event: { trigger, result, ...event }, ...record }) =>
  JSON.stringify({ ...record, event: { ...event, ...(result && { result: {} }) } });

/** The bytes of what is stored for the run: its row, with its journal packed and open, and chunks. */
function stored() {
  const Database = require('libsql');
  const db = new Database(state);
  const rows = db.prepare("SELECT entity, key, value FROM record WHERE entity = 'run' OR key LIKE 'chunk:%'").all();
  db.close();
  const row = JSON.parse(rows.find(({ entity }) => entity === 'run').value);
  const chunks = rows.filter(({ entity }) => entity !== 'run').map(({ value }) => JSON.parse(value));
  const unpack = (packed = '') => (packed && inflateRawSync(Buffer.from(packed, 'base64')).toString());
  const [head, ...open] = row.body.split('\n');
  const packed = [...chunks.map(({ records }) => records), JSON.parse(head).sealed];
  const journal = packed.map(unpack).join('') + open.join('\n');
  // What was read is by far the most of it: the facts that decisions and approvals rest on.
  const records = journal.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const facts = records.map(({ event }) => size(JSON.stringify(event.trigger ?? event.result ?? '')));
  const facted = facts.reduce((sum, one) => sum + one, 0);
  const all = size(JSON.stringify(row)) + chunks.reduce((sum, one) => sum + size(JSON.stringify(one)), 0);
  const kept = packed.reduce((sum, one = '') => sum + one.length, 0) + size(open.join('\n'));
  const bare = deflateRawSync(records.map(withoutFacts).join('\n')).toString('base64').length;
  return {
    all, without_facts: all - kept + bare, row: size(head), journal: size(journal), facts: facted,
    records: records.length, chunks: chunks.length,
  };
}

const platform = await startPlatform({ state, frozen: true });
try {
  const app = connect(platform.url);
  await app.post('/api/seed', { name: 'acme' });
  await app.setUp();
  await app.post('/api/meter/reset');
  await app.escalate();
  await app.settle();
  await app.quiet();
  const waiting = await app.run();
  const bytes = stored();
  await app.approve(waiting, waiting.approvals[0]);
  await app.quiet();
  const { kvs, queue } = await app.get('/api/meter');
  const { state: end, spend } = await app.run();
  console.log(JSON.stringify({
    end, calls: spend.calls, writes: spend.actions, waiting_bytes: bytes,
    kvs_write_units: kvs.write_units, kvs_read_units: kvs.read_units, queue_events: queue.events,
  }));
} finally {
  platform.stop();
  await platform.ended;
  rmSync(folder, { recursive: true, force: true });
}
