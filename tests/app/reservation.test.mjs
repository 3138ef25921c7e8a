// Reservations: of two issues at the same second, the second sees what the first has taken.
import assert from 'node:assert/strict';
import { it } from 'node:test';

import { UPDATED, change, draw, runsOf } from './flows.mjs';
import { stage } from './stage.mjs';

// S5: ben has a cap of 20 and 12 in use, eli a cap of 20 and 2; by score ben comes first.
const take = (id, of, inUse) => ({
  id,
  call: 'tutti.reservation.take',
  with: {
    of,
    amount: '${trigger.points}',
    in_use: inUse,
    limit: 20,
    key: '${trigger.issue.key}',
  },
});
const route = {
  id: 'route',
  trigger: { event: UPDATED, once_per: ['issue.key', 'timestamp'] },
  subject: 'trigger.issue.key',
  steps: [
    {
      ...take('first', 'ben', 12),
      catch: [{ on: ['rejected'], do: [take('second', 'eli', 2)] }],
    },
    {
      id: 'tell',
      call: 'slack.message.post',
      with: { channel: 'C-ESC', text: '${trigger.issue.key} to ${first_of(first.of, second.of)}' },
    },
  ],
};

/** Who got which issue, as it was told. */
async function owners(app) {
  const { messages } = (await app.world()).slack.channels['C-ESC'];
  const told = messages.filter(({ bot_id: bot }) => bot).map(({ text }) => text.split(' to '));
  return Object.fromEntries(told);
}

for (const [title, pause] of [
  ['one after the other', (app) => app.settle()],
  ['at the same second', () => undefined],
]) {
  it(`3 and 6 points, ${title}: 12 + 3 + 6 is more than 20, so one of them is eli's`, async (t) => {
    const app = await stage(t);
    await draw(app, route);
    await change(app, 'PAY-1', 1, { points: 3 });
    await pause(app);
    await change(app, 'PAY-2', 2, { points: 6 });
    await app.quiet();
    const runs = await runsOf(app, 'route');
    assert.deepEqual(runs.map(({ state }) => state), ['completed', 'completed'], runs[0].reason);
    const got = await owners(app);
    assert.deepEqual(Object.values(got).sort(), ['ben', 'eli']);
    if (title.startsWith('one')) assert.deepEqual(got, { 'PAY-1': 'ben', 'PAY-2': 'eli' });
  });
}

it('the same effect again takes nothing twice, and less than nothing cannot be taken', async (t) => {
  const app = await stage(t);
  await draw(app, route);
  // The answer to the first commit after taking never comes: its worker dies, another takes over.
  await app.post('/api/queue', { duplicates: 1, reorder: true, seed: '5' });
  for (const n of [1, 2]) await change(app, `PAY-${n}`, n, { points: 4 });
  await change(app, 'PAY-3', 3, { points: -30 });
  await app.quiet();
  const got = await owners(app);
  assert.deepEqual([got['PAY-1'], got['PAY-2']], ['ben', 'ben'], '12 + 4 + 4 is 20');
});
