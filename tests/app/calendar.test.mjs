// Calendars in the app: the zones of Node's Intl come to what those of jiff do, and a deadline of
// working time is kept by a machine that was not there when it was set.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

import { ask } from './calendars.mjs';
import { UPDATED, change, draw, runsOf } from './flows.mjs';
import { launch, ownState } from './stage.mjs';

// Written by the test `zones_come_to_what_the_table_says` of tutti-sim, where jiff tells the time.
const TABLE = new URL('fixtures/calendars.json', import.meta.url);

it('Intl and jiff agree, on both sides of every change of the clocks', async () => {
  const rows = JSON.parse(readFileSync(TABLE, 'utf8'));
  assert.ok(rows.length > 100, `${rows.length} rows`);
  for (const { operation, input, result } of rows) {
    assert.deepEqual(await ask(operation, input), result, JSON.stringify(input));
  }
});

it('now is the time of the host, and no zone is a failure that says so', async () => {
  const calendar = { zone: 'Asia/Kolkata', hours: { 'mon-fri': '09:00-17:00' } };
  const now = Date.parse('2026-03-13T11:00:00Z');
  const { ok } = await ask('tutti.calendar.after', { calendar, span: '1h' }, now);
  assert.deepEqual(ok, { at: '2026-03-16T04:00:00Z', local: '2026-03-16 09:30' });
  for (const zone of ['Berlin', 'Mars/Olympus']) {
    const { failed } = await ask('tutti.calendar.is_open', { calendar: { ...calendar, zone } });
    assert.deepEqual([failed.kind, failed.code], ['invalid', 'unknown_zone'], zone);
  }
});

it('a deadline over a night is kept by the machine that comes after', async (t) => {
  const state = await ownState();
  const first = await launch(state);
  t.after(first.kill);
  await draw(first.app, {
    id: 'late',
    trigger: { event: UPDATED, once_per: ['issue.key', 'timestamp'] },
    values: {
      // It is ten in the evening there.
      support: { zone: 'Pacific/Auckland', hours: { 'mon-fri': '06:00-23:00' } },
    },
    steps: [
      {
        id: 'due',
        call: 'tutti.calendar.after',
        with: { calendar: '${values.support}', span: '2h' },
      },
      { id: 'rest', wait: { until: 'due.at' } },
      {
        id: 'tell',
        call: 'slack.message.post',
        with: { channel: 'C-ESC', text: 'due ${due.local}' },
      },
    ],
  });
  await change(first.app, 'PAY-88', 1);
  await first.app.settle();
  const [waiting] = await runsOf(first.app, 'late');
  assert.equal(waiting.state, 'waiting_outside', waiting.reason);
  await first.kill();

  const { app, kill } = await launch(state);
  t.after(kill);
  const due = Date.parse('2026-03-10T18:00:00Z');
  const until = async (moment) => {
    const { now } = await app.get('/api/clock');
    await app.post('/api/clock/advance', { by_ms: moment - now });
    await app.settle();
    return (await runsOf(app, 'late'))[0];
  };
  assert.equal((await until(due - 60_000)).state, 'waiting_outside');
  const told = await until(due + 10 * 60_000);
  assert.equal(told.state, 'completed', told.reason);
  const { messages } = (await app.world()).slack.channels['C-ESC'];
  assert.equal(messages.findLast(({ bot_id: bot }) => bot).text, 'due 2026-03-11 07:00');
});
