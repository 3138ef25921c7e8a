// The hand-off packet as text: all of it, with times that stay true, and nothing where nothing is.

import { expect, test } from 'vitest';

import type { HandOff, RunView } from '../api/generated';
import { createMoments } from '../words/moments';
import { handOffText } from './handOff';

const AT = Date.UTC(2026, 2, 10, 9, 0, 0);
const RUN = {
  id: 'tt-1',
  name: 'Escalation',
  state: 'failed',
  reason: 'the channel is gone',
  subject: 'PAY-88',
  started_at: AT,
  started_by: 'Salesforce case 12',
} as RunView;
const PACKET: HandOff = {
  known: [
    {
      fact: 'case',
      source: 'Salesforce case 12',
      system: 'salesforce',
      observed_at: AT,
      summary: '{"priority":"High"}',
      untrusted: true,
    },
  ],
  done: [
    { title: 'Tell', operation: 'slack.message.post', undo: { state: 'possible' } },
    { title: 'Link', operation: 'jira.link.set', undo: { state: 'done', at: AT } },
    {
      title: 'Reply',
      operation: 'salesforce.case.reply',
      undo: { state: 'impossible', why: 'it cannot be taken back', again: false },
    },
  ],
  missing: ['Wait for the fix'],
  suggestion: 'Mend the flow.',
};
const moments = createMoments('en-US', 'UTC');

test('the packet as text', () => {
  expect(handOffText(RUN, PACKET, moments)).toBe(`Escalation: Failed
PAY-88 · Run tt-1
Started Mar 10, 2026, 09:00:00 by Salesforce case 12
The channel is gone

Next
- Mend the flow.

Missing
- Wait for the fix

Done
- Tell (Can be undone)
- Link (Undone)
- Reply (Cannot be undone: it cannot be taken back)

Known
- case: {"priority":"High"} (Salesforce case 12 · Read Mar 10, 2026, 09:00:00 · Written by others, used as content only)`);
});

test('what there is none of is not mentioned', () => {
  const text = handOffText(RUN, { ...PACKET, known: [], done: [], missing: [] }, moments);
  expect(text).not.toMatch(/Missing|Done|Known/);
});
