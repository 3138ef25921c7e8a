// Small flows and the events that start them, for tests of what happens between events and runs.
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { ROOT } from './stage.mjs';

const { stringify } = createRequire(join(ROOT, 'tests/platform/package.json'))('yaml');

export const UPDATED = 'avi:jira:updated:issue';

/** Saves a flow and switches it on. */
export async function draw(app, flow) {
  const document = { name: flow.id, ...flow };
  const { id } = await app.settings('save_flow', { source: stringify(document), document });
  return app.settings('enable_flow', { id, enabled: true });
}

/** Jira says that an issue was changed; `n` tells one change from another. */
export const change = (app, key, n = 0, { actor = PEOPLE.ana, event = UPDATED, ...more } = {}) =>
  app.post('/api/product-events', {
    event,
    actor,
    payload: {
      timestamp: String(Date.parse('2026-03-10T09:00:00Z') + n),
      atlassianId: actor,
      issue: { id: key.replace('PAY-', '10'), key, fields: { summary: `change ${n}` } },
      changelog: { items: [{ field: 'summary', toString: `change ${n}` }] },
      ...more,
    },
  });

/** Moves the clock on and lets happen what is due. */
export async function pass(app, ms) {
  await app.post('/api/clock/advance', { by_ms: ms });
  await app.settle();
}

/** The runs of a flow, oldest first. */
export async function runsOf(app, id) {
  const { runs } = await app.settings('flows');
  return runs.filter(({ flow }) => flow === id).reverse();
}

export const flowRow = async (app, id) =>
  (await app.settings('flows')).flows.find((row) => row.id === id);
